"""Environment of dtv1_bram_sp."""
