"""Environment of the joiner, dtv1_dmx."""
