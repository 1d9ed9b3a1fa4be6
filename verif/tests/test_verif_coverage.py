"""Functional coverage and line coverage: reading, merging, reporting."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.verif.common import line_coverage as lines
from reneta.verif.common.coverage import cross, export, point, range_point, record, sampler
from reneta.verif.common.functional_coverage import FunctionalCoverage
from reneta.verif.common.line_coverage import (
    WaiverError,
    line_coverage,
    load_waivers,
    read_points,
    write_lcov,
)


def test_functional_coverage_round_trip(tmp_path: Path) -> None:
    sample = sampler(
        point("demo_cg.cp_kind", lambda s: s[0], ["read", "write"]),
        range_point("demo_cg.cp_size", lambda s: s[1], {"one": (1, 1), "many": (2, 9)}, at_least=2),
        cross("demo_cg.cr", ["demo_cg.cp_kind", "demo_cg.cp_size"], [("write", "many")]),
    )
    sample(("read", 5))
    sample(("read", 1))
    record("demo_cg.cp_size", {"one": 7})
    export(str(tmp_path / "a.yml"))
    first = FunctionalCoverage.load(tmp_path / "a.yml")
    assert first.points["demo_cg.cp_kind"].hits == {"read": 2, "write": 0}
    assert first.points["demo_cg.cp_size"].hits == {"one": 8, "many": 1}
    assert first.points["demo_cg.cp_size"].holes == ["many"]
    assert first.points["demo_cg.cr"].holes == ["('write', 'one')"]
    assert first.groups == ["demo_cg"]

    second = FunctionalCoverage.load(tmp_path / "a.yml")
    second.merge(first)
    assert second.points["demo_cg.cp_size"].hits == {"one": 16, "many": 2}
    assert second.percent(["demo_cg.cp_size"]) == 100.0
    assert second.percent(second.under("demo_cg.cp_kind")) == 50.0
    assert second.under("demo") == []
    assert not FunctionalCoverage.load(tmp_path / "missing.yml").points


def test_record_of_unknown_bins() -> None:
    sampler(point("other_cg.cp", lambda s: s, ["a"]))
    with pytest.raises(KeyError):
        record("other_cg.cp", {"b": 1})


def row(file: Path, span: str, count: int, column: int = 1, page: str = "p") -> str:
    keys = {"f": str(file), "l": "1", "n": str(column), "t": "line", "page": page, "o": "block", "S": span}
    return "C '" + "".join(f"\x01{key}\x02{value}" for key, value in keys.items()) + f"' {count}"


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of five lines in a folder that counts as the design's."""
    monkeypatch.setattr(lines, "RTL", tmp_path)
    file = tmp_path / "dtv1_x.sv"
    file.write_text("one\n  two\n  three\nfour\nfive\n", encoding="utf-8")
    return file


def test_lines_are_merged_over_instances_and_runs(design: Path, tmp_path: Path) -> None:
    header = "# SystemC::Coverage-3"
    no_lines = row(design, "1", 0).replace("\x01S\x021", "")
    first, second = tmp_path / "1.dat", tmp_path / "2.dat"
    rows = [header, row(design, "1-2", 0), row(design, "1-2", 3, page="q"), row(design, "3,5", 0), no_lines]
    first.write_text("\n".join(rows), encoding="utf-8")
    # Line 2 is spanned by a second point, which is never hit.
    rows = [header, row(design, "1-2", 4), row(design, "2", 0, column=9), row(design, "3,5", 1), "garbage"]
    second.write_text("\n".join(rows), encoding="utf-8")
    assert sum(read_points(first).values()) == 3
    (merged,) = line_coverage([first, second])
    assert merged.hits == {1: 7, 2: 0, 3: 1, 5: 1}
    assert (merged.hit, [line.text for line in merged.missed()]) == (3, ["two"])

    lcov = write_lcov([merged], tmp_path / "out" / "x.info").read_text(encoding="utf-8")
    assert lcov.splitlines()[:3] == [f"SF:{design}", "DA:1,7", "DA:2,0"]
    assert "LF:4\nLH:3\nend_of_record\n" in lcov


def test_waivers(design: Path, tmp_path: Path) -> None:
    folder = tmp_path / "verif" / "dtv1_x"
    folder.mkdir(parents=True)
    file = folder / "coverage_waivers.yaml"
    file.write_text("- {file: dtv1_x.sv, line: two, reason: unreachable}\n", encoding="utf-8")
    waivers = load_waivers(["dtv1_x", "dtv1_none"], tmp_path / "verif")
    missed = lines.FileCoverage(design, {2: 0, 3: 0}).missed(waivers)
    assert [line.waived for line in missed] == ["unreachable", ""]
    file.write_text("- {file: dtv1_x.sv, line: two}\n", encoding="utf-8")
    with pytest.raises(WaiverError, match=r"0\.reason"):
        load_waivers(["dtv1_x"], tmp_path / "verif")


def test_testbenches_do_not_count(design: Path, tmp_path: Path) -> None:
    data = tmp_path / "a.dat"
    data.write_text(
        row(Path("/elsewhere/tb_dtv1_x.sv"), "1", 0) + "\n" + row(design, "1", 1), encoding="utf-8"
    )
    assert [item.path for item in line_coverage([data])] == [design]
