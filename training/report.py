"""Results on the terminal: tables of what tests found."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from reneta.training.evaluation import SHARES
from reneta.training.log import say
from reneta.training.networks import Tested

HEADINGS = {
    "sparsity_x": "zeros in Δx",
    "sparsity_h": "zeros in Δh",
    "sparsity": "in both",
    "saved_forward": "saved forward",
    "saved_backward": "saved backward",
}
"""Headings of SHARES in tables."""


def print_tests(results: Sequence[Tested], console: Console) -> None:
    """Print a table with a row for each network, and for each one with a row for each class."""
    overview = Table(title="test")
    overview.add_column("network", overflow="fold")
    for heading in ("accuracy", "loss", *HEADINGS.values()):
        overview.add_column(heading, justify="right")
    for result in results:
        shares = (result.found.shares.get(name) for name in SHARES)
        cells = ("-" if share is None else f"{share:.1%}" for share in shares)
        accuracy, loss = f"{result.found.accuracy:.2%}", f"{result.found.loss:.4f}"
        overview.add_row(result.checkpoint.config.name, accuracy, loss, *cells)
    console.print(overview)
    for result in results:
        console.print(_classes(result))
        say(console, f"checkpoint: {result.path}")


def _classes(result: Tested) -> Table:
    """How well each class was recognised; the whole confusion matrix is in the JSON file."""
    table = Table(title=result.checkpoint.config.name)
    table.add_column("class")
    table.add_column("utterances", justify="right")
    table.add_column("recognised", justify="right")
    table.add_column("else most often taken for")
    labels = result.checkpoint.labels
    for index, row in enumerate(result.found.confusion.tolist()):
        total, right = sum(row), row[index]
        others = sorted(((count, -other) for other, count in enumerate(row) if other != index), reverse=True)
        taken = ", ".join(f"{labels[-other]} ({count})" for count, other in others[:3] if count)
        table.add_row(labels[index], str(total), f"{right / total:.1%}" if total else "-", taken)
    return table
