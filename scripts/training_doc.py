"""The results of training in docs/training.md.

    python -m reneta.scripts.training_doc

Writes the tables between the page's markers, and copies the figures, from what `make bench-training`,
`make training-study` and `make examples` left in build/ and examples/.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

from reneta.golden.config import REPO
from reneta.scripts import make_examples, training_study
from reneta.scripts.bench_training import RESULT
from reneta.training.checkpoint import load_checkpoint
from reneta.training.plots import save_figure, sweep_figure
from reneta.training.report import HEADINGS

PAGE = REPO / "docs" / "training.md"
FIGURES = REPO / "docs" / "figures"
BEGIN, END = "<!-- begin {}: written by `make training-doc` -->", "<!-- end {} -->"


class MissingError(Exception):
    """A result is not there; the message says how to get it."""


def speed() -> Iterator[str]:
    """Delta layers beside torch's own."""
    if not RESULT.is_file():
        raise MissingError(f"{RESULT} is missing; run make bench-training")
    yield "| device | layer | steps × batch × units | backend | torch | delta | ratio | limit |"
    yield "| --- | --- | --- | --- | ---: | ---: | ---: | ---: |"
    for row in json.loads(RESULT.read_text(encoding="utf-8")):
        size = "{steps} × {batch} × {units}".format(**row["case"])
        limit = "" if row["limit"] is None else f"{row['limit']:g}"
        yield (
            f"| {row['device']} | {row['layer']} | {size} | {row['backend']} | {row['torch_ms']:.2f} ms "
            f"| {row['delta_ms']:.2f} ms | {row['ratio']:.2f} | {limit} |"
        )


def sweep() -> Iterator[str]:
    """Accuracy and sparsity over thresholds: means over the seeds."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in _results("sweep")]
    rows = {
        (row["rnn_type"], row["threshold"]): [
            found for run in runs for found in run if _place(found) == _place(row)
        ]
        for row in runs[0]
    }
    yield f"| network | θ | accuracy | of {len(runs)} seeds | " + " | ".join(HEADINGS.values()) + " |"
    yield "| --- | --- | ---: | ---: |" + " ---: |" * len(HEADINGS)
    plain: dict[str, float] = {}
    delta: dict[str, list[tuple[float, dict[str, float]]]] = {}
    for (rnn_type, threshold), found in rows.items():
        accuracies = [row["accuracy"] for row in found]
        accuracy = mean(accuracies)
        each = f"{min(accuracies):.1%} to {max(accuracies):.1%}"
        if threshold is None:
            plain[rnn_type] = accuracy
            yield f"| {rnn_type} | - | {accuracy:.1%} | {each} |" + " - |" * len(HEADINGS)
            continue
        shares = {name: mean(row[name] for row in found) for name in HEADINGS}
        delta.setdefault(rnn_type, []).append((threshold, {"accuracy": accuracy, **shares}))
        cells = " | ".join(f"{share:.1%}" for share in shares.values())
        yield f"| Delta{rnn_type} | {threshold:g} | {accuracy:.1%} | {each} | {cells} |"
    FIGURES.mkdir(exist_ok=True)
    save_figure(sweep_figure(plain, delta), FIGURES / "sweep")
    yield from ("", f"![over thresholds]({FIGURES.name}/sweep.svg)")


def _place(row: dict[str, Any]) -> tuple[str, float | None]:
    return row["rnn_type"], row["threshold"]


def incremental() -> Iterator[str]:
    """Accuracy over classes."""
    path = _results("incremental")[0]
    rows = json.loads(path.read_text(encoding="utf-8"))
    classes = list(dict.fromkeys(row["classes"] for row in rows))
    yield "| network | " + " | ".join(f"{count} classes" for count in classes) + " |"
    yield "| --- |" + " ---: |" * len(classes)
    for network in dict.fromkeys(row["network"] for row in rows):
        found = {row["classes"]: row for row in rows if row["network"] == network}
        yield f"| {network} | " + " | ".join(f"{found[count]['accuracy']:.1%}" for count in classes) + " |"
    yield from ("", f"![over classes]({_figure(path.with_name('study.svg'))})")


def examples() -> Iterator[str]:
    """The committed networks on the whole test set."""
    yield "| checkpoint | accuracy on the test set: float32 | golden layers | sparsity | of Δx | of Δh |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for rnn_type in make_examples.THRESHOLDS:
        path = make_examples.checkpoint_path(rnn_type)
        found = load_checkpoint(path).metrics
        names = ("accuracy_float32", "accuracy_golden", "sparsity", "sparsity_x", "sparsity_h")
        cells = (found[name] for name in names)
        yield f"| {path.relative_to(REPO)} | " + " | ".join(f"{cell:.1%}" for cell in cells) + " |"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "speed": speed,
    "sweep": sweep,
    "incremental": incremental,
    "examples": examples,
}


def render(page: str, parts: dict[str, list[str]]) -> str:
    """The page with its parts replaced.

    Raises:
        ValueError: the page has no place for one.
    """
    for name, lines in parts.items():
        begin, end = BEGIN.format(name), END.format(name)
        if begin not in page or end not in page:
            raise ValueError(f"the page has no markers for {name}")
        head, tail = page.split(begin)[0], page.split(end)[1]
        page = "\n".join([head + begin, "", *lines, "", end]) + tail
    return page


def _results(study: str) -> list[Path]:
    paths = training_study.results(study)
    if not paths:
        raise MissingError(f"the results of the study {study} are missing; run make training-study")
    return paths


def _figure(path: Path) -> str:
    """Copy a figure beside the page; its name from there."""
    FIGURES.mkdir(exist_ok=True)
    shutil.copyfile(path, FIGURES / path.name)
    return f"{FIGURES.name}/{path.name}"


def main() -> int:
    """Command line; returns the exit code."""
    try:
        parts = {name: list(part()) for name, part in PARTS.items()}
    except MissingError as error:
        print(f"training_doc: {error}", file=sys.stderr)
        return 2
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
