"""What runs programs on the machine: the simulation of the whole chip."""
