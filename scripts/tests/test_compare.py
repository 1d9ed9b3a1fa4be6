"""`reneta compare`: all forms of random networks, and a difference that is told by its place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reneta.compiler.network import DeltaGru, DeltaLstm, Linear, Network
from reneta.golden.arith import arithmetic
from reneta.golden.config import load_config
from reneta.scripts import make_examples
from reneta.scripts.compare import main
from reneta.scripts.compare.levels import first_difference, pairs
from reneta.training.checkpoint import load_checkpoint

STEPS = 12


def network(seed: int) -> Network:
    """An LSTM, a GRU and a linear layer of random weights; no size is a multiple of the PEs."""
    rng = np.random.default_rng(seed)

    def layer(kind: type[DeltaLstm] | type[DeltaGru], inputs: int, units: int) -> DeltaLstm | DeltaGru:
        shapes = ((kind.gates * units, inputs), (kind.gates * units, units), *[(kind.gates * units,)] * 2)
        w_ih, w_hh, b_ih, b_hh = (rng.uniform(-1, 1, shape) * units**-0.5 for shape in shapes)
        return kind(kind.__name__, w_ih, w_hh, b_ih, b_hh, 0.1, 0.05)

    out = Linear("out", rng.uniform(-0.5, 0.5, (3, 9)), rng.uniform(-0.5, 0.5, 3))
    return Network((layer(DeltaLstm, 5, 7), layer(DeltaGru, 7, 9), out))


def walk() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.cumsum(np.random.default_rng(2).standard_normal((STEPS, 5)) * 0.3, axis=0)


@pytest.mark.parametrize(("config", "rtl"), [("bf16_pe4", True), ("fxp16_pe8", False)])
def test_all_forms_are_equal_that_must_be(config: str, rtl: bool) -> None:
    hw = load_config(config)
    levels = main.compare(network(1), hw, walk(), rtl)
    assert len(levels) == 4 + rtl
    assert [first_difference(a, b, arithmetic(hw)) for a, b in pairs(levels)] == [None] * (2 + rtl)
    # Rounding does something, and not much.
    for layers in main.distances(levels).values():
        assert all(1e-5 < distance.max() < 0.2 for distance in layers.values())
    assert all(np.abs(level.logits - levels[0].logits).max() < 0.2 for level in levels)


def test_the_first_difference_is_told() -> None:
    hw = load_config("bf16_pe4")
    golden = main.compare(network(1), hw, walk(), rtl=False)[-1]
    wrong = {name: values.copy() for name, values in golden.h.items()}
    wrong["DeltaGru"][5, 3] = 0.75
    wrong["DeltaLstm"][6, 1] = 0.5
    other = replace(golden, name="RTL", h=wrong)
    difference = first_difference(golden, other, arithmetic(hw))
    assert difference is not None
    assert (difference.layer, difference.step, difference.element) == ("DeltaGru", 5, 3)
    text = str(difference)
    assert text.startswith("layer DeltaGru, step 5, tensor h, element 3: golden machine has 0x")
    assert text.endswith("RTL has 0x3f40 (0.75)")
    logits = replace(golden, name="RTL", logits=golden.logits + np.eye(3)[2])
    difference = first_difference(golden, logits, arithmetic(hw))
    assert difference is not None
    assert (difference.tensor, difference.element, len(difference.bits[0])) == ("logits", 2, 8)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = make_examples.checkpoint_path("LSTM")
    audio = make_examples.utterance_files()[-1]
    words = [str(checkpoint), "--audio", str(audio), "--rtl", "0", "--out", str(tmp_path)]
    assert main.main(words) == 0
    assert "equal, bit by bit: PyTorch bf16, golden layers, golden machine" in capsys.readouterr().out
    content = json.loads((tmp_path / main.DATA).read_text(encoding="utf-8"))
    assert content["differences"] == []
    assert len(content["distances_by_step"]["golden machine"]["rnn.l0"]) == 61
    assert len(content["logits"]["golden layers"]) == len(load_checkpoint(checkpoint).labels)
    assert (tmp_path / main.FIGURE).read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--audio", "none.wav"], "none.wav"),
        (["--audio", "a.wav", "--input", "b.npy"], "give one of them"),
        (["--config", "bf16_pe5"], "bf16_pe5"),
    ],
)
def test_mistakes_take_one_line(more: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([str(make_examples.checkpoint_path("LSTM")), *more]) == 2
    line = capsys.readouterr().err
    assert says in line
    assert line.count("\n") == 1
