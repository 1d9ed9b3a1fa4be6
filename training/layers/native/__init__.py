"""The delta layers on the CPU as one operator for the whole sequence, written in C++.

It skips what did not fire, literally; `reference` is what it must equal.
"""

from reneta.training.layers.native.operator import available, gru, lstm, supports

__all__ = ["available", "gru", "lstm", "supports"]
