"""The driver: devices, sessions with compiled networks, and the simulation of the whole chip."""
