"""Environment of dtv1_opm."""
