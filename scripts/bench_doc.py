"""The benchmark's figures in the README.

    python -m reneta.scripts.bench_doc

Writes the tables between the README's markers from build/bench/bench.json, which `make bench` leaves.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from reneta.golden.config import REPO
from reneta.scripts.bench import NAMES, PUBLISHED, REPORT, SIZES, SPARSITIES

README = REPO / "README.md"
BEGIN, END = "<!-- begin: written by `make bench-doc` -->", "<!-- end: written by `make bench-doc` -->"
FORMAT = "bf16"


def matrix_table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Cycles, and what they are over the limit; in brackets those of the published RTL."""
    found = {(row["procedure"], row["n"], row["sparsity"]): row for row in rows if row["format"] == FORMAT}
    shares = [share for share in SPARSITIES if share]
    yield "| | n | dense | all fire | " + " | ".join(f"{share:.0%} zero" for share in shares) + " |"
    yield "| --- | ---: | ---: | ---: |" + " ---: |" * len(shares)
    for proc in dict.fromkeys(proc for proc, _ in PUBLISHED):
        for n in SIZES:
            dense, every = found[(NAMES[proc.kind], n, 0.0)], found[(NAMES[proc], n, 0.0)]
            cells = [f"{dense['cycles']:,}", f"{every['cycles']:,} · {every['utilisation']:.1%}"]
            for share in shares:
                row = found[(NAMES[proc], n, share)]
                beside = f"{row['speedup']:.2f}× ({row['published']:,})"
                cells.append(f"{row['cycles']:,} · {row['utilisation']:.1%} · {beside}")
            yield f"| {NAMES[proc]} | {n} | " + " | ".join(cells) + " |"


def layer_table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Cycles of a step beside the cost sheet's."""
    yield "| PEs | pass | cycles a step | cost sheet | predicted |"
    yield "| ---: | --- | ---: | ---: | ---: |"
    for row in rows:
        off = row["predicted"] / row["cycles_per_step"] - 1
        yield (
            f"| {row['num_pe']} | {row['direction']} | {row['cycles_per_step']:.1f} | {row['sheet']:.1f} "
            f"| {off:+.1%} |"
        )


def render(page: str, report: dict[str, Any]) -> str:
    """The page with its tables replaced.

    Raises:
        ValueError: the page has no place for them.
    """
    if BEGIN not in page or END not in page:
        raise ValueError("the page has no markers")
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    tables = [*matrix_table(report["rows"]), "", *layer_table(report["layers"])]
    return "\n".join([head + BEGIN, "", *tables, "", END]) + tail


def main() -> int:
    """Command line; returns the exit code."""
    if not REPORT.is_file():
        print(f"bench_doc: {REPORT.relative_to(REPO)} is missing; run `make bench`", file=sys.stderr)
        return 2
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    try:
        page = render(README.read_text(encoding="utf-8"), report)
    except KeyError as error:
        print(f"bench_doc: the last benchmark left out {error}; run `make bench`", file=sys.stderr)
        return 2
    README.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
