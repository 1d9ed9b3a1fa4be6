"""Bit-accurate golden model of the DTV1 accelerator."""
