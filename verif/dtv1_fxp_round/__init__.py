"""Environment of dtv1_fxp_round."""
