"""Hypothesis as these tests use it: the same examples on every run, and no deadline on a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("golden", deadline=None, derandomize=True, max_examples=300)
settings.load_profile("golden")
