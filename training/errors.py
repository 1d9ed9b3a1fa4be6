"""What a user of the training code did wrong, told in one line."""

from __future__ import annotations


class TrainingError(Exception):
    """A mistake in options, data or files: one line that names the thing and the fix."""
