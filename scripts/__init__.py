"""Command-line tools behind the Makefile: build, simulate, lint, synthesise, generate."""
