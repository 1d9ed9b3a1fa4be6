"""What the compiler's commands have in common: complaints in one line, tables that keep their width."""

from __future__ import annotations

import argparse
from typing import NoReturn

from rich.console import Console

from reneta.compiler.errors import CompileError

WIDTH = 110
"""Columns of what is written where there is no terminal."""


class Parser(argparse.ArgumentParser):
    """A parser that raises its complaints instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        """Raise the complaint.

        Raises:
            CompileError: always.
        """
        raise CompileError(f"{message}; --help lists the options")


def console() -> Console:
    """Where tables are printed."""
    made = Console()
    return made if made.is_terminal else Console(width=WIDTH)
