"""The proofs: their files say what they are, and a fault in the design is refuted."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from reneta.scripts import formal
from reneta.scripts.formal import FORMAL, FormalError, Proof
from reneta.scripts.sources import RTL


def test_every_proof_says_what_it_shows() -> None:
    found = formal.proofs()
    assert {proof.name for proof in found} == {file.stem for file in FORMAL.glob("*.sby")}
    for proof in found:
        assert len(proof.claim.split()) > 4
        assert proof.mode in {"prove", "bmc"}
        assert proof.depth > 1


@pytest.mark.parametrize("proof", formal.proofs(), ids=lambda proof: proof.name)
def test_proof_reads_the_files_that_it_lists(proof: Proof) -> None:
    text = proof.file.read_text(encoding="utf-8")
    listed = set(re.findall(r"^(?:formal|rtl|generated)/(\S+\.sv)$", text, re.MULTILINE))
    read = set(re.findall(r"\b(\w+\.sv)\b", text[text.index("read_slang") : text.index("[files]")]))
    assert read == listed
    # Without it slang defines SYNTHESIS, and the assertions of the design would not be there.
    assert "--no-synthesis-define" in text


def test_unknown_proof() -> None:
    with pytest.raises(FormalError, match=r"no proof 'x'; known: .*fifo, "):
        formal.proofs(["x"])
    assert formal.main(["x"]) == 2


FAULTS = [
    ("stream_fork", "dtv1_stream_fork.sv", "done_q | (valid_o & ready_i)", "done_q"),
    ("smem_arb", "dtv1_smem_arb.sv", "rafter_d = ~(rgnt_o | ", "rafter_d = ~(rgnt_o & "),
    ("fifo", "dtv1_fifo.sv", "count_q != COUNT_W'(DEPTH)", "count_q != COUNT_W'(DEPTH) || ready_i"),
    ("smem_fifo", "dtv1_smem_fifo.sv", "count_q != COUNT_W'(DEPTH)", "count_q != COUNT_W'(DEPTH) || ready_i"),
    ("ipm_walk", "dtv1_ipm_walk.sv", "CNT_W'(desc_i.count - 1'b1)", "CNT_W'(desc_i.count)"),
    (
        "dep_gate",
        "dtv1_dep_gate.sv",
        "ahead_q < $signed(COUNT_W'(dep_i))",
        "ahead_q <= $signed(COUNT_W'(dep_i))",
    ),
    ("srg0", "dtv1_ipm_walk.sv", "CNT_W'(desc_i.count - 1'b1)", "CNT_W'(desc_i.count)"),
]


@pytest.mark.parametrize(("name", "file", "find", "replace"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_fault_is_refuted(tmp_path: Path, name: str, file: str, find: str, replace: str) -> None:
    copy = tmp_path / "rtl"
    shutil.copytree(RTL, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(find) == 1
    (copy / file).write_text(text.replace(find, replace), encoding="utf-8")
    (proof,) = formal.proofs([name])
    result = formal.prove(proof, copy, tmp_path / "work")
    assert result.status == "FAIL"
    assert "Assert failed" in result.detail
