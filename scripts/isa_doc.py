"""Write the tables of docs/isa.md from the table of instruction fields in golden/isa_types.py.

    python -m reneta.scripts.isa_doc [--check]

Only what stands between the markers is replaced; `--check` fails when it is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import DEFAULT_CONFIG, REPO, HwConfig, load_config
from reneta.golden.ipm_types import Source
from reneta.golden.isa import Placed, layout
from reneta.golden.isa_types import WORD_W, WORDS
from reneta.scripts.config_doc import command, replaced, table

PAGE = REPO / "docs" / "isa.md"

_TITLES = ("compute word", "SMEM word", "DRAM word", "flags", "more addresses", "delta encoder")


def _reserved(first: int, end: int) -> list[tuple[str, ...]]:
    return [(_range(first, end - first), "", "", "", "reserved, zero")] if end > first else []


def _range(lsb: int, count: int) -> str:
    return str(lsb) if count == 1 else f"{lsb + count - 1}:{lsb}"


def _row(place: Placed) -> tuple[str, ...]:
    field = place.field
    part = f", bit {field.shift}" if field.attr == "b_src" else ""
    attr = f"`{field.attr}`{part}"
    slot = f"{field.slot.text}, uses {field.bits.text}" if field.slot else field.bits.text
    label = f"{field.label}, `{field.name}`" if field.label else f"`{field.name}`"
    return (_range(place.lsb, place.slot), label, attr, slot, field.doc)


def _word(number: int, hw: HwConfig) -> Iterator[tuple[str, ...]]:
    end = 0
    for place in layout(hw):
        if place.word == number:
            yield from _reserved(end, place.lsb)
            yield _row(place)
            end = place.lsb + place.slot
    yield from _reserved(end, WORD_W)


def tables() -> str:
    """The generated part of the page."""
    hw = load_config(DEFAULT_CONFIG)
    lines = []
    for number, title in enumerate(_TITLES):
        rows = _word(number, hw)
        lines += [f"### Word {number}: {title}", ""]
        lines += table(("bits", "field", "attribute", "width", "meaning"), rows)
    lines += [f"Words {len(_TITLES)} to {WORDS - 1} are reserved and zero.", "", "### Codes", ""]
    codes = [[f"{member.value} {member.name}" for member in kind] for kind in (Proc, Func, Source)]
    lines += table(
        ("field", "codes"),
        zip(("Proc", "Func", "`a_src`, `b_src`, `c_src`"), (", ".join(row) for row in codes), strict=True),
    )
    return "\n".join(lines)


def render(page: str) -> str:
    """The page with its generated part replaced.

    Raises:
        ValueError: the markers are not there, once each and in order.
    """
    return replaced(page, tables(), PAGE.name)


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    return command("isa_doc", PAGE, render, argv)


if __name__ == "__main__":
    sys.exit(main())
