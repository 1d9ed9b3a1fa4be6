"""Environment of dtv1_dm_share."""
