"""What a run tells: a CSV file with one row an epoch, TensorBoard, and progress on the terminal."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from reneta.training.data.files import replaced_file

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

PLAIN_WIDTH = 150
"""Columns of tables where there is no terminal, so that nothing is cut off in a file."""
LOG_CSV = "log.csv"
TENSORBOARD = "tensorboard"


def console(main: bool) -> Console:
    """Where this process prints: nowhere, unless it is the first one."""
    terminal = Console(quiet=not main, highlight=False)
    return terminal if terminal.is_terminal else Console(quiet=not main, highlight=False, width=PLAIN_WIDTH)


def say(where: Console, text: str) -> None:
    """Print a text as it is, however long its lines are."""
    where.print(text, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Row:
    """One epoch.

    Attributes:
        epoch: its number, from 1.
        lr: learning rate.
        train_loss: mean loss while training, the regulariser's part among it.
        train_reg: mean |Δh| while training.
        valid_loss: mean cross entropy on the validation set.
        accuracy: on the validation set, 0 to 1.
        sparsity_x: share of zeros in Δx there; None without delta layers, like the next two.
        sparsity_h: share of zeros in Δh.
        sparsity: share of zeros in both together.
        seconds: what the epoch took.
    """

    epoch: int
    lr: float
    train_loss: float
    train_reg: float
    valid_loss: float
    accuracy: float
    sparsity_x: float | None
    sparsity_h: float | None
    sparsity: float | None
    seconds: float

    def __str__(self) -> str:
        """The epoch in a line."""
        delta = ""
        if self.sparsity_x is not None and self.sparsity_h is not None:
            delta = f", zeros in Δx {self.sparsity_x:.1%}, in Δh {self.sparsity_h:.1%}"
        return (
            f"lr {self.lr:.3g}, loss {self.train_loss:.4f}, on the validation set {self.valid_loss:.4f}, "
            f"accuracy {self.accuracy:.2%}{delta}, {self.seconds:.1f} s"
        )


class Log:
    """Writes the rows of a run, and shows how far it is; silent in all processes but the first."""

    def __init__(self, folder: Path, title: str, epochs: int, main: bool) -> None:
        """Prepare for a run.

        Args:
            folder: where log.csv and the folder tensorboard come to lie.
            title: what is trained, for the terminal.
            epochs: how many there will be.
            main: whether this process writes and prints.
        """
        self.folder, self.title, self.epochs, self.main = folder, title, epochs, main
        self.console = console(main)
        self.writer: SummaryWriter | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close what is open."""
        if self.writer:
            self.writer.close()

    def say(self, text: str) -> None:
        """Print a line."""
        say(self.console, f"{self.title}: {text}")

    @contextmanager
    def progress(self, number: int, batches: int) -> Iterator[Progress]:
        """A bar for the batches of an epoch; only on a terminal."""
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.main or not self.console.is_terminal,
        )
        with progress:
            progress.add_task(f"{self.title} {number}/{self.epochs}", total=batches)
            yield progress

    def write(self, rows: list[Row]) -> None:
        """Write all rows so far, the last of which is new, and print that one.

        The CSV file is replaced as a whole: whenever a run is killed, it has whole rows, each of them once.
        """
        if not self.main:
            return
        write_csv(self.folder / LOG_CSV, rows)
        row = rows[-1]
        if self.writer is None:
            # Its import takes a good part of a second, which only the process that writes has to wait for.
            from torch.utils.tensorboard import SummaryWriter

            # An epoch that is repeated after a kill takes the place of the one before.
            self.writer = SummaryWriter(str(self.folder / TENSORBOARD), purge_step=row.epoch)
        for name, value in asdict(row).items():
            if name != "epoch" and value is not None:
                self.writer.add_scalar(name, value, row.epoch)
        self.writer.flush()
        self.say(f"epoch {row.epoch}/{self.epochs}: {row}")

    def clear(self) -> None:
        """Remove what an earlier run wrote."""
        if self.main:
            (self.folder / LOG_CSV).unlink(missing_ok=True)
            shutil.rmtree(self.folder / TENSORBOARD, ignore_errors=True)


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write rows under a header; a value that is None becomes an empty field.

    Raises:
        TrainingError: the file cannot be written.
    """
    with replaced_file(path) as part, part.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, [entry.name for entry in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
