"""Environment of the DRAM reader, dtv1_drg."""
