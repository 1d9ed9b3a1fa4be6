"""`make demo`: from a trained checkpoint and recorded words to the running RTL, checked and measured."""
