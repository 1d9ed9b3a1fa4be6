"""Layout of Fluent Speech Commands (Lugosch et al., 2019): three CSV files that name WAV files by speaker.

A class is an intent: action, object and location together, as in "activate/lights/kitchen".
"""

from __future__ import annotations

from pathlib import Path

from reneta.training.data.feature_config import SPLITS, Split
from reneta.training.data.manifest import Item, Manifest, read_rows
from reneta.training.errors import TrainingError

COLUMNS = ("path", "speakerId", "action", "object", "location")


def read_fluent_speech(root: Path) -> Manifest:
    """What is in a folder of this layout; the classes are the intents of the training set, sorted.

    Raises:
        TrainingError: the folder, a CSV file, a column or a sound file is missing, or an intent of the others
            is not in the training set; one line says which.
    """
    if not root.is_dir():
        raise TrainingError(
            f"there is no folder {root}; unpack Fluent Speech Commands there or name its folder (--data_dir)"
        )
    items = {split: _read(root, split) for split in SPLITS}
    labels = tuple(sorted({item.label for item in items["train"]}))
    return Manifest(labels, items).checked(str(root))


def _read(root: Path, split: Split) -> list[Item]:
    table = root / "data" / f"{split}_data.csv"
    items = []
    for row in read_rows(table, COLUMNS):
        label = "/".join(row[column] for column in ("action", "object", "location"))
        items.append(Item(row["path"], label, row["speakerId"]))
        if not (root / row["path"]).is_file():
            raise TrainingError(f"{table}: names {row['path']}, which does not exist")
    return items
