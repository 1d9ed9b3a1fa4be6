"""Environment of the compute core, dtv1_ccm."""
