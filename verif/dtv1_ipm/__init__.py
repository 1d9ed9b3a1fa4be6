"""Environment of the input module, dtv1_ipm, with the memory and the compute core around it."""
