"""Environment of dtv1_axi_dm."""
