"""Bring-up: tests of a machine, from its ID to whole networks, on any device (docs/driver.md)."""
