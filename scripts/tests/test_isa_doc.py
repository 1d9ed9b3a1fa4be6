"""The instruction in the package and in docs/isa.md: both are what the table of fields says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reneta.golden import isa
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import HwConfig, load_config
from reneta.scripts import isa_doc
from reneta.scripts.gen_pkg import render

LARGEST = HwConfig(name="large", format="bf16", num_pe=2, max_n=1024, max_m=4096, acc_words=2048)
CONFIGS = [load_config("bf16_pe16"), load_config("fxp16_pe4"), LARGEST]


@pytest.mark.parametrize("hw", CONFIGS, ids=lambda hw: hw.name)
def test_struct_is_the_layout(hw: HwConfig) -> None:
    package = render(hw)
    body = package.partition("  // An instruction (docs/isa.md).\n")[2].partition("  } insn_t;")[0]
    members = re.findall(r"^    logic (?:\[(\d+):0\] )?(\w+);$", body, re.MULTILINE)
    found, position = {}, 0
    for high, name in reversed(members):
        width = int(high or 0) + 1
        found[name] = (position, width)
        position += width
    assert position == 512
    fields = {name: at for name, at in found.items() if not name.startswith("reserved_")}
    assert fields == {place.field.name: (place.position, place.slot) for place in isa.layout(hw)}
    reserved = sum((1 << width) - 1 << at for name, (at, width) in found.items() if name not in fields)
    assert reserved == isa.masks(hw)[ErrorCause.PROC]


@pytest.mark.parametrize("hw", CONFIGS, ids=lambda hw: hw.name)
def test_masks_of_the_package(hw: HwConfig) -> None:
    package = render(hw)
    for cause, name in (("PROC", "RESERVED"), ("SIZE", "PAST_SIZE"), ("ADDRESS", "PAST_ADDRESS")):
        body = package.partition(f"INSN_{name} = {{")[2].partition("}")[0]
        words = [int(word, 16) for word in re.findall(r"64'h(\w+)", body)]
        assert isa.from_words(words[::-1]) == isa.masks(hw)[ErrorCause[cause]]


def test_page_is_what_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isa_doc.main(["--check"]) == 0
    text = isa_doc.PAGE.read_text(encoding="utf-8")
    page = tmp_path / "isa.md"
    page.write_text(text.replace("| 59:56 |", "| 60:57 |"), encoding="utf-8")
    monkeypatch.setattr(isa_doc, "PAGE", page)
    assert isa_doc.main(["--check"]) == 1
    assert capsys.readouterr().err == "isa_doc: docs/isa.md is stale; run `make package`\n"
    assert isa_doc.main([]) == 0
    assert page.read_text(encoding="utf-8") == text
    with pytest.raises(ValueError, match="markers"):
        isa_doc.render("# Instructions\n")
