"""Environment of dtv1_engine: whole instruction sequences on input module, core, output module and SMEM."""
