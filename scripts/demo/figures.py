"""Figures of the demonstration's report, as SVG text that stands within the page."""

from __future__ import annotations

import io
from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from reneta.golden.arrays import F64


def sparsity(shares: Mapping[str, F64]) -> str:
    """Share of zeros in each step, by name of the deltas."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    axes = figure.subplots()
    for name, values in shares.items():
        axes.plot(values, label=name)
    axes.set_xlabel("step")
    axes.set_ylabel("zeros, mean of all utterances")
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.legend()
    return _svg(figure)


def bars(title: str, values: Mapping[str, float], unit: str) -> str:
    """A bar for each value, the first one on top."""
    figure = Figure(figsize=(8, 0.6 + 0.35 * len(values)), layout="constrained")
    axes = figure.subplots()
    drawn = axes.barh(list(values)[::-1], list(values.values())[::-1])
    axes.bar_label(drawn, fmt="{:,.0f}", padding=3)
    axes.margins(x=0.12)
    axes.set_title(title)
    axes.set_xlabel(unit)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    # Without a fixed salt the identifiers within a figure, and so the report, would differ from run to run.
    with mpl.rc_context({"svg.hashsalt": "reneta", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
