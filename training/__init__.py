"""Training delta networks in PyTorch: layers, data, steps, incremental learning."""
