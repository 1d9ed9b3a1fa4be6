"""Environment of dtv1_smem_fifo."""
