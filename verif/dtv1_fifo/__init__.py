"""Environment of dtv1_fifo."""
