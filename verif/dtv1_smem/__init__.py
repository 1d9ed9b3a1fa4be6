"""Environment of dtv1_smem."""
