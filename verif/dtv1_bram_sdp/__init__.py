"""Environment of dtv1_bram_sdp."""
