"""Spoken commands: synthesis, the layouts of data sets, features."""
