"""Environment of dtv1_fault."""
