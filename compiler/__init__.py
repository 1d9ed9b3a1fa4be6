"""From layers to programs: memory plans and instruction sequences."""
