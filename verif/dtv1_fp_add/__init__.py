"""Environment of dtv1_fp_add."""
