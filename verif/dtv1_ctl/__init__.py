"""Environment of dtv1_ctl."""
