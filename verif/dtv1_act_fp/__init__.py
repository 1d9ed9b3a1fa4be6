"""Environment of dtv1_act_fp."""
