"""`reneta compare`: one input through every form of a network, from PyTorch's float32 down to the RTL."""
