"""Environment of dtv1_macc_fp."""
