"""Random programs for the whole machine, legal ones and ones with an error; they need no simulator."""
