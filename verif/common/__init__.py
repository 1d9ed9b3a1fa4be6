"""The shared verification layer: build and run (host side) and the pyuvm base classes (simulator side)."""
