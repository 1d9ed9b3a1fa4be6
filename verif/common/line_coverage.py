"""Line coverage of the RTL: reading Verilator's coverage.dat, merging, waivers, and the lcov format.

A point of coverage.dat spans some lines (a block, or a branch of an `if`, `case` or `?:`). A line counts as
hit when every point that spans it was hit in some instance, so that half of a conditional in one line shows.
coverage.dat is a list of

    C '<1>key<2>value<1>key<2>value…' count

with the characters 1 and 2 as separators; the keys used here are f (file), S (lines), n (column), o (kind).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reneta.scripts.sources import BUILD, RTL, VERIF

_POINT = re.compile(r"C '(?P<keys>[^']*)' (?P<count>\d+)$")


class WaiverError(Exception):
    """A list of waivers that cannot be used; one line."""


class Waiver(BaseModel):
    """A line that need not be covered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(description="name of the file in rtl/")
    line: str = Field(min_length=1, description="text of the line, without indentation")
    reason: str = Field(min_length=1)


@dataclass(frozen=True)
class Line:
    """A line that was not hit."""

    number: int
    text: str
    waived: str = ""


@dataclass
class FileCoverage:
    """Lines of one file: number -> hits of its least hit point."""

    path: Path
    hits: dict[int, int] = field(default_factory=dict)

    @property
    def hit(self) -> int:
        """Lines hit."""
        return sum(1 for count in self.hits.values() if count)

    def missed(self, waivers: Iterable[Waiver] = ()) -> list[Line]:
        """Lines not hit, each with the reason of its waiver where there is one."""
        reasons = {waiver.line.strip(): waiver.reason for waiver in waivers if waiver.file == self.path.name}
        source = self.path.read_text(encoding="utf-8").splitlines()
        lines = [
            (number, source[number - 1].strip()) for number, count in sorted(self.hits.items()) if not count
        ]
        return [Line(number, text, reasons.get(text, "")) for number, text in lines]


def _span(text: str) -> list[int]:
    """Line numbers of a list such as `51-52,60`."""
    numbers: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def read_points(file: Path) -> Counter[tuple[str, str, str, str]]:
    """Hits of every point that spans lines, summed over instances: (file, lines, column, kind) -> hits."""
    points: Counter[tuple[str, str, str, str]] = Counter()
    for row in file.read_text(encoding="utf-8").splitlines():
        match = _POINT.match(row)
        if not match:
            continue
        keys = dict(part.split("\x02", 1) for part in match["keys"].split("\x01") if part)
        if "S" in keys:
            points[keys["f"], keys["S"], keys.get("n", ""), keys.get("o", "")] += int(match["count"])
    return points


def is_design(path: Path) -> bool:
    """Whether a file belongs to the design (not to a testbench)."""
    return path.is_relative_to(RTL) or path.is_relative_to(BUILD / "gen")


def line_coverage(files: Iterable[Path]) -> list[FileCoverage]:
    """Merge coverage.dat files and count by line, for the files of the design, by name."""
    points: Counter[tuple[str, str, str, str]] = Counter()
    for file in files:
        # A point without hits must stay: `update` adds, and keeps zeros.
        points.update(read_points(file))
    by_file: dict[Path, FileCoverage] = {}
    for (name, span, _column, _kind), count in points.items():
        path = Path(name)
        if is_design(path):
            hits = by_file.setdefault(path, FileCoverage(path)).hits
            for number in _span(span):
                hits[number] = min(hits.get(number, count), count)
    return sorted(by_file.values(), key=lambda item: item.path.name)


def load_waivers(modules: Iterable[str], verif_dir: Path = VERIF) -> list[Waiver]:
    """The waivers of some modules' environments.

    Raises:
        WaiverError: a list is malformed.
    """
    waivers: list[Waiver] = []
    for module in modules:
        file = verif_dir / module / "coverage_waivers.yaml"
        if not file.is_file():
            continue
        try:
            data = yaml.safe_load(file.read_text(encoding="utf-8")) or []
            waivers += TypeAdapter(list[Waiver]).validate_python(data)
        except yaml.YAMLError as error:
            raise WaiverError(f"{file}: not a YAML file: {' '.join(str(error).split())}") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise WaiverError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return waivers


def write_lcov(coverage: Iterable[FileCoverage], out: Path) -> Path:
    """Write the lines and their hits in lcov's format."""
    rows: list[str] = []
    for item in coverage:
        rows.append(f"SF:{item.path}")
        rows += [f"DA:{number},{count}" for number, count in sorted(item.hits.items())]
        rows += [f"LF:{len(item.hits)}", f"LH:{item.hit}", "end_of_record"]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return out
