"""Line coverage of the RTL (filled in with the reader of coverage.dat)."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console


def print_report(module: str, files: list[Path], console: Console) -> None:
    """Print the report."""
