"""What a user of the compiler did wrong, told in one line."""

from __future__ import annotations


class CompileError(Exception):
    """A network that cannot be compiled: one line that names the thing and the fix."""


class ImageError(Exception):
    """An image folder that cannot be used: one line that names the thing and the fix."""
