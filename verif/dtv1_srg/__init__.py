"""Environment of the operand readers, dtv1_srg."""
