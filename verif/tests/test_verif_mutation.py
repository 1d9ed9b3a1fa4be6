"""The lists of faults, and how a fault is put into a copy of the design."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.scripts.sources import RTL, VERIF
from reneta.verif.common.mutation import Mutation, MutationError, load_mutations, mutated, write_mutant
from reneta.verif.common.simulate import known_modules
from reneta.verif.common.testplan import Testplan, load_testplan

FAULT = Mutation(name="a", file="dtv1_x.sv", find="a + b", replace="a - b", why="w")
PLAN = Testplan.model_validate(
    {"module": "m", "tests": [{"name": "T"}], "testpoints": [{"name": "p", "goal": "g", "tests": ["T"]}]}
)


def test_find_must_match_once() -> None:
    assert mutated("y = a + b;", FAULT) == "y = a - b;"
    with pytest.raises(MutationError, match="stands 2 times"):
        mutated("a + b, a + b", FAULT)
    with pytest.raises(MutationError, match="stands 0 times"):
        mutated("a+b", FAULT)


def test_the_copy_has_the_fault_and_the_design_has_not(tmp_path: Path) -> None:
    rtl = tmp_path / "rtl"
    rtl.mkdir()
    (rtl / "dtv1_x.sv").write_text("a + b", encoding="utf-8")
    (rtl / "dtv1_y.svh").write_text("y", encoding="utf-8")
    copy = write_mutant(FAULT, rtl, tmp_path / "copy")
    assert (copy / "dtv1_x.sv").read_text(encoding="utf-8") == "a - b"
    assert (copy / "dtv1_y.svh").exists()
    assert (rtl / "dtv1_x.sv").read_text(encoding="utf-8") == "a + b"
    with pytest.raises(MutationError, match="there is no"):
        write_mutant(FAULT.model_copy(update={"file": "dtv1_z.sv"}), rtl, tmp_path / "copy")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{name: a, file: f.sv, find: x, replace: y}]", "0.why"),
        ("[{name: a, file: f.sv, find: x, replace: y, why: w, tests: [U]}]", "unknown test U"),
        ("[{name: a, file: dtv1_pkg.sv, find: x, replace: y, why: w}]", "generated"),
        ("[" + ", ".join(2 * ["{name: a, file: f.sv, find: x, replace: y, why: w}"]) + "]", "listed twice"),
        ("[", "not a YAML file"),
    ],
)
def test_bad_lists(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mutations.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(MutationError, match=message):
        load_mutations(tmp_path, PLAN)


def test_missing_list(tmp_path: Path) -> None:
    with pytest.raises(MutationError, match="no such file"):
        load_mutations(tmp_path, PLAN)


@pytest.mark.parametrize("module", known_modules())
def test_shipped_faults_match_the_design(module: str) -> None:
    folder = VERIF / module
    mutations = load_mutations(folder, load_testplan(folder))
    assert mutations
    for mutation in mutations:
        mutated((RTL / mutation.file).read_text(encoding="utf-8"), mutation)
