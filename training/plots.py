"""Figures of the studies, as PNG for a look and SVG for pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from reneta.training.data.files import replaced_file

STYLES = {"sparsity": "-", "saved_forward": "--", "saved_backward": ":"}
LEGENDS = {
    "sparsity": "zeros in Δ",
    "saved_forward": "operations saved forward",
    "saved_backward": "operations saved backward",
}
DOTS_PER_INCH = 120


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as path.png and path.svg; the same figure gives the same SVG.

    Raises:
        TrainingError: a file cannot be written.
    """
    with mpl.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "none"}):
        for kind in ("png", "svg"):
            with replaced_file(path.with_name(f"{path.name}.{kind}")) as part:
                metadata = {"Date": None} if kind == "svg" else None
                figure.savefig(part, format=kind, dpi=DOTS_PER_INCH, metadata=metadata)


def sweep_figure(
    plain: Mapping[str, float], delta: Mapping[str, Sequence[tuple[float, Mapping[str, float]]]]
) -> Figure:
    """Accuracy, sparsity and saved operations over thresholds.

    Args:
        plain: accuracy of the network without thresholds, by its type.
        delta: metrics by threshold, ascending, of each type of layers.
    """
    figure = Figure(figsize=(10, 4), layout="constrained")
    accuracy, shares = figure.subplots(1, 2)
    for number, (name, rows) in enumerate(delta.items()):
        colour = f"C{number}"
        thresholds = [threshold for threshold, _ in rows]
        accuracy.plot(
            thresholds, [row["accuracy"] for _, row in rows], "o-", color=colour, label=f"Delta{name}"
        )
        if name in plain:
            accuracy.axhline(plain[name], color=colour, linestyle="--", linewidth=1, label=name)
        for share, style in STYLES.items():
            values = [row[share] for _, row in rows]
            label = f"Delta{name}: {LEGENDS[share]}"
            shares.plot(thresholds, values, style, color=colour, marker="o", markersize=3, label=label)
    _finish(accuracy, "threshold θ of inputs and hidden states", "accuracy on the test set")
    _finish(shares, "threshold θ of inputs and hidden states", "share")
    shares.set_ylim(0, 1)
    return figure


def incremental_figure(accuracies: Mapping[str, Sequence[tuple[int, float]]]) -> Figure:
    """Accuracy over the number of classes learned.

    Args:
        accuracies: number of classes and accuracy after each stage, by the network's name.
    """
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, points in accuracies.items():
        axes.plot([classes for classes, _ in points], [value for _, value in points], "o-", label=name)
    _finish(axes, "classes learned", "accuracy on the test set, nearest mean of exemplars")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _finish(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    # What is recognised as a whole lies on the frame, not below an axis that goes on to 104 %.
    axes.set_ylim(top=min(axes.get_ylim()[1], 1.005))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
