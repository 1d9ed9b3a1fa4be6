"""What is in a data set: the step prepare writes it, the same for every layout.

manifest/train.csv, valid.csv, test.csv     columns path, label, speaker, start
manifest/labels.json                        the classes in order
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reneta.training.data.feature_config import SPLITS, Split
from reneta.training.data.files import replaced_folder
from reneta.training.errors import TrainingError

LABELS_JSON = "labels.json"
_AGAIN = "make it again with --step prepare"


class Item(NamedTuple):
    """An utterance.

    Attributes:
        path: its file, relative to the folder of the raw data, with "/".
        label: its class.
        speaker: who speaks; empty where nobody does.
        start: None for the whole file; else a cut of audio.CUT_S seconds starts there, in seconds.
    """

    path: str
    label: str
    speaker: str
    start: float | None = None

    @property
    def name(self) -> str:
        """The path, with "@start" behind it for a cut."""
        return self.path if self.start is None else f"{self.path}@{self.start!r}"


@dataclass(frozen=True)
class Manifest:
    """A data set.

    Attributes:
        labels: its classes; a target is an index into it.
        items: the utterances of each split.
    """

    labels: tuple[str, ...]
    items: dict[Split, list[Item]]

    def checked(self, where: str) -> Manifest:
        """This manifest, if something can be learnt from it.

        Args:
            where: what it describes, for messages.

        Raises:
            TrainingError: a label that is no class, a split without utterances, or a class that none of
                the training set belongs to.
        """
        known = set(self.labels)
        for split in SPLITS:
            if not self.items[split]:
                raise TrainingError(f"{where}: there is nothing in {split}")
            for item in self.items[split]:
                if item.label not in known:
                    what = f"label {item.label!r} of {item.path} ({split})"
                    raise TrainingError(f"{where}: {what} is not in the list of classes")
        missing = known.difference(item.label for item in self.items["train"])
        if missing:
            raise TrainingError(f"{where}: nothing in train has the label {min(missing)!r}")
        return self

    def save(self, folder: Path) -> None:
        """Write it; the folder is replaced as a whole."""
        with replaced_folder(folder) as part:
            for split, items in self.items.items():
                with (part / f"{split}.csv").open("w", encoding="utf-8", newline="") as out:
                    writer = csv.writer(out, lineterminator="\n")
                    writer.writerow(Item._fields)
                    writer.writerows(_row(item) for item in items)
            (part / LABELS_JSON).write_text(json.dumps(self.labels) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read it.

        Raises:
            TrainingError: a file is missing or is not right, or a label is not in the list.
        """
        labels_path = folder / LABELS_JSON
        try:
            labels = json.loads(labels_path.read_text(encoding="utf-8"))
            items = {split: list(_items(folder / f"{split}.csv")) for split in SPLITS}
        except FileNotFoundError as error:
            raise TrainingError(f"there is no {error.filename}; make it with --step prepare") from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise TrainingError(f"{folder}: cannot be read ({error}); {_AGAIN}") from None
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise TrainingError(f"{labels_path}: no list of names; {_AGAIN}")
        return cls(tuple(labels), items).checked(str(folder))


def read_rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV file whose first line names its columns; others than those asked for may be there.

    Raises:
        TrainingError: there is no such file, or a column or part of a row is missing.
    """
    try:
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            names = reader.fieldnames or []
            missing = [column for column in columns if column not in names]
            if missing:
                raise TrainingError(f"{path}: has no column {missing[0]!r}")
            rows = list(reader)
    except FileNotFoundError:
        raise TrainingError(f"there is no {path}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"{path}: cannot be read ({error})") from None
    for number, row in enumerate(rows, start=2):
        if any(row[column] is None for column in columns):
            raise TrainingError(f"{path}: line {number} is cut off")
    return rows


def _row(item: Item) -> tuple[str, ...]:
    return (*item[:3], "" if item.start is None else repr(item.start))


def _items(path: Path) -> Iterable[Item]:
    for row in read_rows(path, Item._fields):
        try:
            start = float(row["start"]) if row["start"] else None
        except ValueError:
            raise TrainingError(f"{path}: start {row['start']!r} is no number; {_AGAIN}") from None
        yield Item(row["path"], row["label"], row["speaker"], start)
