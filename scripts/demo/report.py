"""The demonstration's report: the same figures as JSON, on the terminal, and as a page with plots."""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from reneta.golden.arrays import F64
from reneta.scripts.demo import figures

PAGE, DATA = "report.html", "report.json"


@dataclass(frozen=True)
class Word:
    """An utterance and what was heard in it."""

    utterance: str
    label: str
    float32: str
    golden: str
    rtl: str


@dataclass(frozen=True)
class Cost:
    """What the steps of the sequences took on the RTL: means for a step, over some utterances.

    Attributes:
        utterances: how many.
        cycles: of a step.
        utilisation: share of the cycles in which the PE array works.
        waits: cycles of a step in which it lacks an operand from DRAM, and so on.
        dram_words: read from DRAM in a step, the instructions among them.
    """

    utterances: int
    cycles: float
    utilisation: float
    waits: dict[str, float]
    dram_words: float


@dataclass(frozen=True)
class Training:
    """The training step.

    Attributes:
        utterance: what it learned from.
        rate: learning rate.
        loss_before: cross entropy on the RTL.
        loss_after: of the same utterance with the new weights.
        rounded: distances of the gradients from those of PyTorch with the machine's number format, relative.
        float32: from those of PyTorch without rounding.
        cycles: of all programs of the step.
    """

    utterance: str
    rate: float
    loss_before: float
    loss_after: float
    rounded: dict[str, float]
    float32: dict[str, float]
    cycles: int


@dataclass(frozen=True)
class Report:
    """All that the demonstration found.

    Attributes:
        checkpoint: the network.
        config: the machine.
        accuracy: of float32, golden machine and RTL.
        words: of each utterance.
        different: utterances after which the memories of golden machine and RTL differ.
        sparse: cost with the network's thresholds, of all utterances.
        same: the same of those that were also run with thresholds 0.
        dense: cost of these with thresholds 0.
        zeros: share of zeros of Δx and Δh in each step.
        procedures: predicted cycles of an utterance by procedure.
        training: the training step; None where the machine cannot train the network's layers.
    """

    checkpoint: str
    config: str
    accuracy: dict[str, float]
    words: list[Word]
    different: list[str]
    sparse: Cost
    same: Cost
    dense: Cost
    zeros: dict[str, F64]
    procedures: dict[str, int]
    training: Training | None

    @property
    def speedup(self) -> float:
        """Cycles of the same utterances with thresholds 0 over those with the network's."""
        return self.dense.cycles / self.same.cycles

    @property
    def traffic_saved(self) -> float:
        """Share of the DRAM words that the thresholds save."""
        return 1 - self.same.dram_words / self.dense.dram_words

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, strings, lists and dicts."""
        zeros = {name: [float(share) for share in shares] for name, shares in self.zeros.items()}
        extra = {"speedup": self.speedup, "dram_traffic_saved": self.traffic_saved, "zeros": zeros}
        return {**asdict(self), **extra}


def print_report(report: Report, console: Console) -> None:
    """Tables for the terminal."""
    heard = Table(title="recognised words", title_justify="left")
    for column in ("utterance", "float32", "golden", "RTL"):
        heard.add_column(column)
    for word in report.words:
        cells = (word.float32, word.golden, word.rtl)
        heard.add_row(word.utterance, *(c if c == word.label else f"[red]{c}[/red]" for c in cells))
    console.print(heard)
    for line in lines(report):
        console.print(line, soft_wrap=True, markup=False)


def lines(report: Report) -> list[str]:
    """The figures in sentences."""
    accuracy = ", ".join(f"{name} {share:.1%}" for name, share in report.accuracy.items())
    sparse, dense = report.sparse, report.dense
    equal = len(report.words) - len(report.different)
    return [
        f"accuracy on {len(report.words)} utterances: {accuracy}",
        f"memories of golden machine and RTL: bit-equal after {equal} of {len(report.words)} utterances",
        f"cycles a step: {sparse.cycles:.0f}, the PE array works in {sparse.utilisation:.1%} of them",
        f"with thresholds 0: {dense.cycles:.0f} cycles a step, so the speed-up is {report.speedup:.2f} "
        f"(the same {dense.utterances} utterances)",
        f"DRAM words read a step: {report.same.dram_words:.0f} instead of {dense.dram_words:.0f}: "
        f"{report.traffic_saved:.1%} saved",
        *_training_lines(report.training),
    ]


def _training_lines(training: Training | None) -> list[str]:
    if training is None:
        return ["no training step: the machine trains LSTM layers"]
    far = {
        name: ", ".join(f"{tensor} {distance:.1%}" for tensor, distance in distances.items())
        for name, distances in (("rounded", training.rounded), ("float32", training.float32))
    }
    return [
        f"training step on {training.utterance}, learning rate {training.rate:g}: "
        f"loss {training.loss_before:.4f} before, {training.loss_after:.4f} after",
        f"gradients' distance from PyTorch's with the machine's numbers: {far['rounded']}",
        f"from PyTorch's in float32, where other elements fire near the thresholds: {far['float32']}",
    ]


def write_report(report: Report, folder: Path) -> None:
    """Write report.json and report.html."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(_page(report), encoding="utf-8")


def _page(report: Report) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in asdict(word).values()) + "</tr>\n"
        for word in report.words
    )
    heads = "".join(f"<th>{head}</th>" for head in ("utterance", "class", "float32", "golden", "RTL"))
    sentences = "".join(f"<li>{html.escape(line)}</li>\n" for line in lines(report))
    procedures = {name: float(cycles) for name, cycles in report.procedures.items()}
    plots = [
        figures.sparsity(report.zeros),
        figures.bars("predicted cycles of an utterance by procedure", procedures, "cycles"),
        figures.bars("cycles of a step in which the PE array waits", report.sparse.waits, "cycles"),
    ]
    title = f"{report.checkpoint} on {report.config}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f"<title>RENETA: {html.escape(title)}</title>\n"
        "<style>body{font:16px sans-serif;max-width:60em;margin:2em auto}td,th{padding:0 1em;text-align:left}"
        "</style></head><body>\n"
        f"<h1>{html.escape(title)}</h1>\n<ul>\n{sentences}</ul>\n{''.join(plots)}\n"
        f"<table><tr>{heads}</tr>\n{rows}</table>\n</body></html>\n"
    )
