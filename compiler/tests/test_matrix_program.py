"""Programs of matrix procedures: the data that they work on, and what the golden machine makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.compiler.matrix_program import MatrixProgram, matrix_program, sparse_vectors
from reneta.golden.arith import arithmetic
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import HwConfig, load_config
from reneta.golden.lists import LayoutError, row_groups, unpack_matrix, unpack_sequence
from reneta.golden.machine import Machine
from reneta.golden.matrix import mtxv, mxv, nonzero_lists, vxv_sp

STEPS = 12


def run(program: MatrixProgram) -> Machine:
    machine = Machine(program.hw, len(program.dram))
    machine.dram[:] = program.dram
    machine.run_image(*program.load)
    machine.run_image(*program.run)
    return machine


def results(machine: Machine, program: MatrixProgram, words: int) -> np.ndarray:
    """The words of the results: those that the program changed."""
    hw = program.hw
    memory = machine.dram.view(np.uint16).reshape(-1, hw.num_pe)
    changed = np.flatnonzero((memory != program.dram.view(np.uint16).reshape(memory.shape)).any(axis=1))
    return np.asarray(memory[changed[0] : changed[0] + words])


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.8, 0.9])
def test_share_of_zeros(sparsity: float) -> None:
    """Exactly as many as fit, and the issue's numbers of pairs."""
    deltas = sparse_vectors(64, 256, sparsity, np.random.default_rng(1))
    count = np.count_nonzero(deltas)
    assert count == {0.0: 16384, 0.5: 8192, 0.8: 3277, 0.9: 1639}[sparsity]


@pytest.mark.parametrize("name", ["bf16_pe4", "fxp16_pe16"])
@pytest.mark.parametrize("size", [16, 23, 64])
@pytest.mark.parametrize("sparsity", [0.0, 0.8])
def test_results(name: str, size: int, sparsity: float) -> None:
    """Dense and sparse procedures give the same products, those of golden.matrix."""
    hw = load_config(name)
    for kind in (Proc.MXV, Proc.MTXV, Proc.VXV):
        dense = matrix_program(hw, kind, size, STEPS, sparsity, np.random.default_rng(3))
        sparse = matrix_program(hw, Proc(kind + 3), size, STEPS, sparsity, np.random.default_rng(3))
        groups = row_groups(size, hw.num_pe)
        assert dense.limit == size * STEPS * groups
        assert sparse.limit == np.count_nonzero(_deltas(size, sparsity, kind)) * groups
        one, other = run(dense), run(sparse)
        wanted = _wanted(hw, kind, size, sparsity)
        if kind == Proc.VXV:
            found = unpack_matrix(results(one, dense, groups * size), size, size)
            np.testing.assert_array_equal(found, wanted)
            np.testing.assert_array_equal(
                unpack_matrix(results(other, sparse, groups * size), size, size), wanted
            )
        elif kind == Proc.MXV:
            for machine, program in ((one, dense), (other, sparse)):
                columns = unpack_matrix(results(machine, program, groups * STEPS), size, STEPS)
                np.testing.assert_array_equal(columns, wanted)
        else:
            columns = unpack_matrix(results(one, dense, groups * STEPS), size, STEPS)
            np.testing.assert_array_equal(columns, wanted)
            fired = _deltas(size, sparsity, kind).T != 0
            listed = results(other, sparse, row_groups(int(fired.sum()), hw.num_pe)).reshape(-1)[
                : fired.sum()
            ]
            np.testing.assert_array_equal(listed, wanted.T[fired])


def _draws(size: int, sparsity: float, kind: Proc) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deltas, weights and dense vectors as the program draws them, in its order."""
    rng = np.random.default_rng(3)
    deltas = sparse_vectors(size, STEPS, sparsity, rng)
    weights = rng.standard_normal((size, size)) * size**-0.5 if kind != Proc.VXV else np.zeros(0)
    dense = rng.standard_normal((size, STEPS)) if kind != Proc.MXV else np.zeros(0)
    return deltas, weights, dense


def _deltas(size: int, sparsity: float, kind: Proc) -> np.ndarray:
    return _draws(size, sparsity, kind)[0]


def _wanted(hw: HwConfig, kind: Proc, size: int, sparsity: float) -> np.ndarray:
    """Patterns of the results, by golden.matrix."""
    arith = arithmetic(hw)
    deltas, weights, dense = _draws(size, sparsity, kind)
    v = arith.encode(deltas)
    if kind == Proc.VXV:
        acc = vxv_sp(arith, arith.encode(dense), nonzero_lists(deltas != 0, v), size)
    elif kind == Proc.MXV:
        acc = mxv(arith, arith.encode(weights, weight=True), v)
    else:
        acc = mtxv(arith, arith.encode(weights, weight=True), arith.encode(dense))
    return np.asarray(arith.store(arith.finish(acc, Func.NONE, kind))).view(np.uint16)


def test_sequence_in_parts() -> None:
    """Lists of which SMEM cannot hold all: they are loaded in parts, and the gradient is the same."""
    hw = load_config("bf16_pe4").model_copy(update={"smem_words": 128, "name": "small"})
    large = load_config("bf16_pe4")
    programs = [
        matrix_program(config, Proc.VXV_SP, 16, 16, 0.0, np.random.default_rng(4)) for config in (hw, large)
    ]
    assert programs[0].run.length > programs[1].run.length
    first, second = (results(run(program), program, 4 * 16) for program in programs)
    np.testing.assert_array_equal(first, second)


def test_no_room() -> None:
    hw = load_config("bf16_pe4").model_copy(update={"smem_words": 64, "name": "small"})
    with pytest.raises(LayoutError, match="no room"):
        matrix_program(hw, Proc.MXV_SP, 64, 64, 0.0, np.random.default_rng(4))


def test_layout_of_vectors() -> None:
    """What the load program brings to SMEM is the sequence."""
    hw = load_config("fxp16_pe4")
    program = matrix_program(hw, Proc.MXV, 10, STEPS, 0.5, np.random.default_rng(3))
    machine = Machine(hw, len(program.dram))
    machine.dram[:] = program.dram
    machine.run_image(*program.load)
    words = machine.smem[: row_groups(10, hw.num_pe) * STEPS]
    wanted = arithmetic(hw).encode(_deltas(10, 0.5, Proc.MXV)).view(np.uint16)
    np.testing.assert_array_equal(unpack_sequence(words, 10, STEPS), wanted)
