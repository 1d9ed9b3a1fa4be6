"""AXI4 for environments: a memory, and a checker of the protocol."""
