"""Environment of dtv1_act_fxp."""
