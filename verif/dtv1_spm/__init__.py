"""Environment of dtv1_spm."""
