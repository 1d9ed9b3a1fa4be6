"""From modules and files to networks: the same weights, refusals by name, damaged files refused."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.reference
import pytest
import torch
from onnx import helper, numpy_helper
from safetensors.torch import save_file
from torch import Tensor, nn

from reneta.compiler.errors import CompileError
from reneta.compiler.frontends import load_network
from reneta.compiler.frontends.module import from_module
from reneta.compiler.network import DeltaGru, DeltaLstm, Linear, Network, with_thresholds
from reneta.compiler.tests.test_commands import LABELS, save
from reneta.training.checkpoint import load_checkpoint
from reneta.training.layers import DeltaGRU, DeltaLSTM


def same(one: Network, other: Network) -> None:
    """Two networks with the same layers; names may be others."""
    assert len(one.layers) == len(other.layers)
    for mine, yours in zip(one.layers, other.layers, strict=True):
        assert type(mine) is type(yours)
        for name, value in vars(mine).items():
            if name != "name":
                np.testing.assert_array_equal(value, getattr(yours, name), err_msg=name)


def test_a_sequential_becomes_a_network() -> None:
    model = nn.Sequential(
        DeltaLSTM(5, 7, 2, thx=0.1, thh=0.2),
        nn.Sequential(nn.GRU(7, 6, bias=False), nn.Dropout(0.5)),
        nn.Linear(6, 4, bias=False),
        nn.ReLU(),
        nn.Linear(4, 3),
    )
    network = from_module(model)
    assert [layer.name for layer in network.layers] == ["0.l0", "0.l1", "1.0.l0", "2", "4"]
    first, second, third, fourth, fifth = network.layers
    assert isinstance(first, DeltaLstm)
    assert isinstance(second, DeltaLstm)
    assert isinstance(third, DeltaGru)
    assert isinstance(fourth, Linear)
    assert isinstance(fifth, Linear)
    assert (second.theta_x, second.theta_h, third.theta_x) == (0.1, 0.2, 0.0)
    assert (fourth.relu, fifth.relu) == (True, False)
    assert not third.b_hh.any()
    assert not fourth.bias.any()
    np.testing.assert_array_equal(
        second.w_hh, model.get_parameter("0.weight_hh_l1").detach().double().numpy()
    )


class Odd(nn.Module):
    """A module of a kind of its own."""


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([nn.LSTM(4, 4), nn.Conv1d(4, 4, 1)], "1: Conv1d is not supported; known: LSTM"),
        ([Odd()], "0: Odd is not supported"),
        ([nn.LSTM(4, 4, bidirectional=True)], "0: bidirectional is not supported"),
        ([nn.LSTM(4, 4, proj_size=2)], "0: proj_size is not supported"),
        ([DeltaGRU(4, 4, hard_sigmoid=True)], "0: hard_sigmoid is not supported"),
        ([nn.GRU(4, 4), nn.ReLU()], "1: ReLU is supported behind a linear layer only"),
        ([nn.Linear(4, 4), nn.GRU(4, 4)], "1.l0: an LSTM or GRU behind the linear layer 0 is not supported"),
        ([nn.Linear(4, 4)], "the network has no LSTM or GRU layer"),
        ([nn.GRU(4, 5), nn.GRU(4, 5)], "1.l0 takes 4 values, 0.l0 gives 5"),
    ],
)
def test_what_a_module_may_not_hold(parts: list[nn.Module], says: str) -> None:
    with pytest.raises(CompileError) as error:
        from_module(nn.Sequential(*parts))
    assert says in str(error.value)


def test_parameters_must_be_numbers() -> None:
    model = nn.LSTM(3, 3)
    with torch.no_grad():
        model.get_parameter("weight_hh_l0")[1, 2] = torch.inf
    with pytest.raises(CompileError, match=r"model.l0.w_hh: 1 of its 36 values are infinite"):
        from_module(model)
    with pytest.raises(CompileError, match="7 labels for the 3 outputs"):
        from_module(nn.LSTM(3, 3), labels=tuple("abcdefg"))


def test_thresholds_can_be_others() -> None:
    network = from_module(nn.Sequential(DeltaLSTM(3, 4, thx=0.1, thh=0.2), nn.Linear(4, 2)))
    changed = with_thresholds(network, 0.0, None).layers[0]
    assert isinstance(changed, DeltaLstm)
    assert (changed.theta_x, changed.theta_h) == (0.0, 0.2)
    with pytest.raises(CompileError, match="theta_h is -1"):
        with_thresholds(network, None, -1.0)


def stored(path: Path, beside: bool = False, **changes: object) -> Path:
    """A .safetensors file of a small random classifier, with its configuration."""
    checkpoint = load_checkpoint(save(path.with_suffix(".pt")))
    content = {
        "config": checkpoint.config.to_dict(),
        "labels": list(checkpoint.labels),
        "features": checkpoint.features.to_dict(),
    }
    text = json.dumps({key: value for key, value in (content | changes).items() if value is not None})
    state = {name: value.contiguous() for name, value in checkpoint.state_dict.items()}
    save_file(state, path, metadata=None if beside else {"reneta": text})
    if beside:
        path.with_suffix(".json").write_text(text)
    return path


@pytest.mark.parametrize("beside", [False, True])
def test_safetensors_are_the_checkpoint(tmp_path: Path, beside: bool) -> None:
    network = load_network(stored(tmp_path / "a.safetensors", beside))
    same(network, load_network(tmp_path / "a.pt"))
    assert network.labels == LABELS
    assert network.features == load_network(tmp_path / "a.pt").features


def test_safetensors_need_their_configuration(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.safetensors", beside=True)
    path.with_suffix(".json").write_text("{")
    with pytest.raises(CompileError, match=r"a.json is no JSON"):
        load_network(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(CompileError, match=r"neither 'reneta' in its metadata nor a.json beside it"):
        load_network(path)
    with pytest.raises(CompileError, match="has no labels"):
        load_network(stored(path, labels=None))
    with pytest.raises(CompileError, match="but there are 3103 parameters only"):
        load_network(
            stored(path, config={**load_checkpoint(tmp_path / "a.pt").config.to_dict(), "rnn_size": 10**9})
        )


class Spoken(nn.Module):
    """A classifier as people write it."""

    def __init__(
        self, kind: type[nn.LSTM] | type[nn.GRU], layers: int, batch_first: bool, state: bool
    ) -> None:
        super().__init__()
        self.rnn = kind(5, 7, layers, batch_first=batch_first)
        self.hidden, self.out = nn.Linear(7, 6), nn.Linear(6, 3)
        self.state = state

    def forward(self, x: Tensor) -> Tensor:
        out, state = self.rnn(x)
        h: Tensor = state[0] if isinstance(state, tuple) else state
        last = h[-1] if self.state else out[:, -1] if self.rnn.batch_first else out[-1]
        found: Tensor = self.out(torch.relu(self.hidden(last)))
        return found


def exported(model: nn.Module, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), (torch.zeros(4, 1, 5),), str(path), dynamo=False)
    return path


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize(
    ("layers", "batch_first", "state"), [(1, False, True), (2, True, False), (2, False, True)]
)
def test_onnx_of_pytorch(
    kind: type[nn.LSTM] | type[nn.GRU], layers: int, batch_first: bool, state: bool, tmp_path: Path
) -> None:
    model = Spoken(kind, layers, batch_first, state)
    wanted = from_module(nn.Sequential(model.rnn, model.hidden, nn.ReLU(), model.out))
    same(load_network(exported(model, tmp_path / "a.onnx")), wanted)


def graph(nodes: list[onnx.NodeProto], path: Path, more: dict[str, Any] | None = None) -> Path:
    """A file with an LSTM of 2 inputs and 3 units, and these nodes behind it (from Y and Y_h to out)."""
    rng = np.random.default_rng(1)
    shapes = {"W": (1, 12, 2), "R": (1, 12, 3), "B": (1, 24), "M": (3, 4), "b": (4,), "G": (4, 4)}
    constants = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    constants |= {"axis0": np.array([0]), "axis1": np.array([1]), "last": np.array(-1), "zero": np.array(0)}
    lstm = helper.make_node(
        "LSTM", ["x", "W", "R", "B"], ["Y", "Y_h"], name="rnn", hidden_size=3, **(more or {})
    )
    made = helper.make_graph(
        [lstm, *nodes],
        "test",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["T", 1, 2])],
        [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(made), path)
    return path


H = helper.make_node("Squeeze", ["Y_h", "axis0"], ["h"])


def test_onnx_matmul_and_add(tmp_path: Path) -> None:
    nodes = [
        H,
        helper.make_node("MatMul", ["h", "M"], ["m"], name="dense"),
        helper.make_node("Add", ["b", "m"], ["s"]),
        helper.make_node("Relu", ["s"], ["out"]),
    ]
    path = graph(nodes, tmp_path / "a.onnx")
    constants = {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}
    layer = load_network(path).layers[1]
    assert isinstance(layer, Linear)
    assert layer.relu
    np.testing.assert_array_equal(layer.weight, constants["M"].T.astype(np.float64))
    np.testing.assert_array_equal(layer.bias, constants["b"].astype(np.float64))
    # ONNX's own reference says what the network is, at thresholds 0.
    evaluator: Any = onnx.reference.ReferenceEvaluator(str(path))
    out = evaluator.run(None, {"x": np.ones((1, 1, 2), np.float32)})[0]
    lstm = load_network(path).layers[0]
    assert isinstance(lstm, DeltaLstm)
    i, _, g, o = np.split(lstm.w_ih @ np.ones(2) + lstm.b_ih + lstm.b_hh, 4)
    h = np.tanh(np.tanh(g) / (1 + np.exp(-i))) / (1 + np.exp(-o))
    np.testing.assert_allclose(out.reshape(-1), np.maximum(layer.weight @ h + layer.bias, 0), rtol=1e-5)


def node(kind: str, *names: str, alpha: float | None = None) -> onnx.NodeProto:
    return helper.make_node(kind, list(names[:-1]), [names[-1]], name=f"the_{kind.lower()}", alpha=alpha)


@pytest.mark.parametrize(
    ("nodes", "more", "says"),
    [
        ([H, node("Softmax", "h", "out")], {}, "the_softmax: Softmax is not supported; known: LSTM"),
        ([H, node("Relu", "h", "out")], {}, "the_relu: ReLU is supported behind a linear layer only"),
        ([H, node("Add", "h", "b", "out")], {}, "the_add: Add is supported for the bias of a MatMul only"),
        ([H, node("Gemm", "h", "M", "b", "out", alpha=2.0)], {}, "the_gemm: Gemm with alpha, beta or transA"),
        ([H, node("Gemm", "h", "M", "h", "out")], {}, "of two computed values is not supported"),
        ([H, node("MatMul", "M", "h", "out")], {}, "MatMul with the constant first"),
        ([H, node("MatMul", "h", "G", "out")], {}, "the_matmul takes 4 values, rnn gives 3"),
        (
            [node("Squeeze", "Y", "axis1", "y"), node("MatMul", "y", "M", "out")],
            {},
            "for the last step's h only",
        ),
        ([node("Gather", "Y", "zero", "y")], {}, "the_gather: Gather is supported for the last step"),
        ([node("Squeeze", "Y", "axis0", "y")], {}, "the_squeeze: Squeeze of this axis is not supported"),
        ([H], {"direction": "reverse"}, "rnn: LSTM with direction is not supported"),
        ([H], {"activations": ["Relu", "Tanh", "Tanh"]}, "rnn: LSTM with activations is not supported"),
        ([H], {"clip": 1.0}, "rnn: LSTM with clip is not supported"),
        ([H], {"layout": 1}, "rnn: LSTM with layout is not supported"),
        ([H, node("Gemm", "h", "M", "b", "a")], {}, "the output out is not what the last layer gives"),
        (
            [H, node("Gemm", "h", "M", "b", "a"), node("Gemm", "h", "M", "b", "out")],
            {},
            "the_gemm: Gemm of something else than the last layer's result",
        ),
    ],
)
def test_what_onnx_may_not_hold(
    nodes: list[onnx.NodeProto], more: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(CompileError) as error:
        load_network(graph(nodes, tmp_path / "a.onnx", more))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_onnx_states_and_gru_variants(tmp_path: Path) -> None:
    path = graph([H, node("Gemm", "h", "M", "b", "out")], tmp_path / "a.onnx")
    model = onnx.load(path)
    model.graph.node[0].input.extend(["", "G"])
    onnx.save(model, path)
    with pytest.raises(CompileError, match="rnn: initial_h is not supported but for zeros"):
        load_network(path)
    model.graph.node[0].op_type = "GRU"
    onnx.save(model, path)
    with pytest.raises(CompileError, match="rnn: GRU without linear_before_reset"):
        load_network(path)


def files(folder: Path) -> list[Path]:
    """A file of each kind."""
    return [
        save(folder / "a.pt"),
        stored(folder / "b.safetensors"),
        exported(Spoken(nn.LSTM, 1, False, True), folder / "c.onnx"),
    ]


def loaded(file: Path) -> Network | str:
    """The network in a file, or why not, which is one line."""
    try:
        return load_network(file)
    except CompileError as error:
        return str(error)


def test_damaged_files_are_refused_or_harmless(tmp_path: Path) -> None:
    """Cut anywhere: an error. With a bit changed: an error, or a network that can be; of a .pt, the same."""
    rng = np.random.default_rng(5)
    for file in files(tmp_path):
        content, right = file.read_bytes(), load_network(file)
        for cut in [0, 1, 7, len(content) // 2, len(content) - 1, *rng.integers(0, len(content), 12)]:
            file.write_bytes(content[:cut])
            found = loaded(file)
            assert isinstance(found, str)
            assert "\n" not in found
        head = rng.integers(0, 8 * min(3000, len(content)), 60)
        for position in [*head, *rng.integers(0, 8 * len(content), 60)]:
            damaged = bytearray(content)
            damaged[position // 8] ^= 1 << position % 8
            file.write_bytes(damaged)
            found = loaded(file)
            if isinstance(found, str):
                assert "\n" not in found
            elif file.suffix == ".pt":
                same(found, right)


WRONG: tuple[Any, ...] = (None, 7, "x", [1], {"a": 1}, torch.zeros(2))


@pytest.mark.parametrize("key", ["config", "features", "state_dict"])
def test_parts_of_other_types_are_refused(key: str, tmp_path: Path) -> None:
    file = save(tmp_path / "a.pt")
    content = torch.load(file, weights_only=True)
    for wrong in WRONG:
        torch.save({**content, key: wrong}, file)
        found = loaded(file)
        assert isinstance(found, str)
        assert "\n" not in found


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("rnn_size", 2.5),
        ("rnn_layers", 10**12),
        ("thx", -1.0),
        ("thx", "x"),
        ("thh", None),
        ("hard_tanh", True),
    ],
)
def test_configurations_that_cannot_be_are_refused(name: str, wrong: object, tmp_path: Path) -> None:
    file = save(tmp_path / "a.pt")
    content = torch.load(file, weights_only=True)
    torch.save({**content, "config": {**content["config"], name: wrong}}, file)
    assert isinstance(loaded(file), str)


@pytest.mark.parametrize("wrong", [torch.zeros(3), 7, torch.zeros((80, 16), dtype=torch.complex64)])
def test_parameters_that_cannot_be_are_refused(wrong: object, tmp_path: Path) -> None:
    file = save(tmp_path / "a.pt")
    content = torch.load(file, weights_only=True)
    state = {**content["state_dict"], "rnn.weight_ih_l0": wrong}
    torch.save({**content, "state_dict": state}, file)
    found = loaded(file)
    assert isinstance(found, str)
    assert "rnn.weight_ih_l0" in found
