"""Which sources a simulation takes, and when it is built again."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.golden.config import DEFAULT_CONFIG, load_config
from reneta.scripts.sources import SourceSet, modules_used
from reneta.verif.common.sources import collect


@pytest.fixture
def rtl(tmp_path: Path) -> Path:
    """A design of three modules, one of which nobody uses."""
    folder = tmp_path / "rtl"
    folder.mkdir()
    texts = {
        "dtv1_a": "// dtv1_c is only named here\nmodule dtv1_a; dtv1_b u_b (); endmodule",
        "dtv1_b": "module dtv1_b import dtv1_pkg::NUM_PE; (); endmodule",
        "dtv1_c": "module dtv1_c syntax error",
    }
    for name, text in texts.items():
        (folder / f"{name}.sv").write_text(text, encoding="utf-8")
    return folder


def test_only_what_is_used_is_taken(rtl: Path) -> None:
    def find(name: str) -> Path | None:
        file = rtl / f"{name}.sv"
        return file if file.is_file() else None

    assert list(modules_used("dtv1_a x ();", find)) == ["dtv1_a", "dtv1_b"]


def test_order_of_the_sources(rtl: Path, tmp_path: Path) -> None:
    sources = collect("dtv1_a", load_config(DEFAULT_CONFIG), rtl, tmp_path / "verif")
    names = [file.name for file in sources.files if file.suffix == ".sv"]
    assert names == ["dtv1_pkg.sv", "dtv1_b.sv", "dtv1_a.sv"]
    assert all(file.suffix == ".vlt" for file in sources.files[: -len(names)])
    assert sources.top == "dtv1_a"


def test_a_wrapper_becomes_the_top(rtl: Path, tmp_path: Path) -> None:
    folder = tmp_path / "verif" / "dtv1_a"
    folder.mkdir(parents=True)
    (folder / "tb_dtv1_a.sv").write_text("module tb; dtv1_a dut (); endmodule", encoding="utf-8")
    sources = collect("dtv1_a", load_config(DEFAULT_CONFIG), rtl, tmp_path / "verif")
    assert sources.top == "tb"
    assert sources.files[-1].name == "tb_dtv1_a.sv"


def test_package_is_that_of_the_configuration(rtl: Path, tmp_path: Path) -> None:
    sources = collect("dtv1_a", load_config("fxp16_pe4"), rtl, tmp_path)
    package = next(file for file in sources.files if file.name == "dtv1_pkg.sv")
    assert "NUM_PE = 4;" in package.read_text(encoding="utf-8")


def test_digest_changes_with_contents_and_flags(tmp_path: Path) -> None:
    file = tmp_path / "a.sv"
    file.write_text("module a; endmodule", encoding="utf-8")
    sources = SourceSet("a", (file,))
    first = sources.digest("-Wall")
    assert sources.digest("-Wall") == first
    assert sources.digest("-Wno-lint") != first
    file.write_text("module a; wire w; endmodule", encoding="utf-8")
    assert sources.digest("-Wall") != first
