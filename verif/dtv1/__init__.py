"""Environment of dtv1, the whole machine."""
