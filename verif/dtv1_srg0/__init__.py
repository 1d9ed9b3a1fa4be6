"""Environment of the index reader, dtv1_srg0."""
