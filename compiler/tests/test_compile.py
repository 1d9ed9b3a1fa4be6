"""Networks compiled and run on the golden machine: every bit as the golden layer functions say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reneta.compiler.compile import compile_network
from reneta.compiler.errors import CompileError
from reneta.compiler.frontends.module import from_module
from reneta.compiler.image import Entry
from reneta.compiler.image_machine import ImageMachine
from reneta.compiler.manifest import EntryPoint
from reneta.compiler.network import DeltaGru, DeltaLstm, Layer, Linear, Network
from reneta.compiler.random_models import (
    check_model,
    check_random,
    check_sequence,
    check_stream,
    check_training,
    random_model,
)
from reneta.compiler.tests.workbench import LateMachine, random_parameters
from reneta.golden import asm
from reneta.golden.arrays import F64
from reneta.golden.config import load_config
from reneta.golden.isa import image as encoded
from reneta.training.formats import BF16
from reneta.training.models import Classifier, NetworkConfig

CONFIGS = pytest.mark.parametrize("config", ["bf16_pe16", "fxp16_pe8"])


def delta(kind: type[DeltaLstm] | type[DeltaGru], inputs: int, units: int, theta: float, seed: int) -> Layer:
    return kind(f"rnn{seed}", *random_parameters(kind.gates, inputs, units, seed), theta, theta / 2)


def linear(inputs: int, units: int, relu: bool = False) -> Linear:
    rng = np.random.default_rng(inputs)
    return Linear(f"linear{inputs}", rng.standard_normal((units, inputs)), rng.standard_normal(units), relu)


def walk(steps: int, size: int, seed: int = 0) -> F64:
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.standard_normal((steps, size)) * 0.3, axis=0)


class LateImageMachine(ImageMachine):
    """On a machine in which nobody sees a result before it must; a program's end is waited for."""

    def run(self, program: str | Entry | EntryPoint) -> None:
        super().run(program)
        assert isinstance(self.machine, LateMachine)
        self.machine.finish()


@CONFIGS
@pytest.mark.parametrize(
    "layers",
    [
        [delta(DeltaLstm, 13, 20, 0.1, 1), linear(20, 5)],
        [delta(DeltaGru, 16, 32, 0.1, 2), linear(32, 33, relu=True), linear(33, 12)],
        [delta(DeltaLstm, 5, 17, 0.0, 3), delta(DeltaGru, 17, 9, 0.05, 4), delta(DeltaLstm, 9, 8, 0.1, 5)],
    ],
)
def test_sequences_and_streams(config: str, layers: list[Layer]) -> None:
    """Every dependency is marked; a sequence may be shorter; nothing is left of the one before."""
    hw = load_config(config)
    compiled = compile_network(Network(tuple(layers)), hw, 7)
    machine = LateImageMachine(compiled.image, LateMachine(hw, len(compiled.image.dram)))
    for steps in (7, 1, 4):
        x = compiled.quantised.arith.encode(walk(steps, layers[0].inputs, seed=steps))
        check_sequence(compiled, machine, x)
        check_stream(compiled, machine, x)


@CONFIGS
def test_training_step(config: str) -> None:
    """Two layers; before and after it, inference gives what it should."""
    hw = load_config(config)
    layers = (delta(DeltaLstm, 5, 19, 0.1, 6), delta(DeltaLstm, 19, 10, 0.05, 7), linear(10, 4))
    compiled = compile_network(Network(layers), hw, 6, train=True)
    machine = LateImageMachine(compiled.image, LateMachine(hw, len(compiled.image.dram)))
    x = compiled.quantised.arith.encode(walk(6, 5))
    for _ in range(2):
        check_sequence(compiled, machine, x)
        check_training(compiled, machine, x)
    check_stream(compiled, machine, x[:2])


@CONFIGS
@pytest.mark.parametrize("seed", range(4))
def test_random_models(config: str, seed: int) -> None:
    check_random(load_config(config), seed, largest=64)


def test_random_models_reach_the_largest_size() -> None:
    sizes = {
        layer.units
        for seed in range(300)
        for layer in random_model(np.random.default_rng(seed), 256, longest=1).network.layers
    }
    assert {1, 256} <= sizes
    assert len(sizes) > 50


@pytest.mark.parametrize("rnn_type", ["LSTM", "GRU"])
def test_as_pytorch_in_bf16(rnn_type: str) -> None:
    """The quantised PyTorch network: h in every bit, logits up to float32's order of sums."""
    config = NetworkConfig(rnn_type, True, 16, 24, 2, thx=0.1, thh=0.05, number_format=BF16)
    torch.manual_seed(1)
    model = Classifier(config, 12).eval()
    compiled = compile_network(from_module(model), load_config("bf16_pe16"), 20)
    x = walk(20, 16)
    with torch.no_grad():
        out, _ = model.rnn(torch.tensor(x, dtype=torch.float32)[:, None])
        logits = model.classify(out[-1])[0].double().numpy()
    machine = ImageMachine(compiled.image)
    machine.run("begin")
    for t in range(20):
        machine.write("x_step", x[t])
        machine.run("stream")
        np.testing.assert_array_equal(machine.read("h_step"), out[t, 0].double().numpy())
    machine.run("finish")
    np.testing.assert_allclose(machine.read("logits"), logits, rtol=1e-5, atol=1e-6)


def test_a_wrong_bit_is_told() -> None:
    """The comparison itself."""
    model = random_model(np.random.default_rng(3), 20)
    compiled = compile_network(model.network, load_config("bf16_pe16"), max(map(len, model.x)), model.train)
    machine = ImageMachine(compiled.image)
    bias = compiled.image.tensor(f"{model.network.layers[-1].name}.bias")
    machine.machine.dram[bias.address + 1] ^= 0x40
    with pytest.raises(Exception, match=r"element \[0\]: .* instead of .* differ"):
        check_model(compiled, model, machine)


def test_the_same_network_gives_the_same_image() -> None:
    network = Network((delta(DeltaLstm, 13, 20, 0.1, 1), linear(20, 5)))
    one, other = (compile_network(network, load_config("bf16_pe16"), 5, train=True).image for _ in range(2))
    np.testing.assert_array_equal(one.dram, other.dram)
    assert one.manifest == other.manifest
    assert one.listing == other.listing


def test_the_listing_is_the_program() -> None:
    hw = load_config("bf16_pe16")
    image = compile_network(Network((delta(DeltaGru, 3, 5, 0.1, 1),)), hw, 3).image
    programs = encoded(asm.assemble(image.listing, hw), hw)
    first = min(entry.address for entry in image.manifest.entries.values())
    np.testing.assert_array_equal(programs, image.dram[first : first + len(programs)])
    assert f"{image.entry('stream').address:#x} x" in image.listing


def big(**fields: int) -> tuple[Layer, ...]:
    return (delta(DeltaLstm, fields.get("inputs", 16), fields.get("units", 16), 0.0, 1),)


@pytest.mark.parametrize(
    ("layers", "steps", "train", "says"),
    [
        (
            big(units=300),
            5,
            False,
            r"rnn1: units: 300 needed, there are 256 \(MAX_N of bf16_pe16\): 44 too many",
        ),
        (big(inputs=257), 5, False, "rnn1: inputs: 257 needed"),
        ((*big(), linear(16, 1000)), 5, False, "linear16: units: 1000 needed"),
        (big(units=256), 61, True, r"SMEM: a training step of 61 steps needs \d+ words, there are 8192"),
        (big(), 300, True, "descriptors of all steps and layers: 300 needed, there are 256"),
        (big(), 0, False, "--steps is 1 or more"),
        ((delta(DeltaGru, 4, 4, 0.0, 1),), 5, True, "rnn1: a training step takes LSTM layers only"),
    ],
)
def test_what_does_not_fit_is_told(layers: tuple[Layer, ...], steps: int, train: bool, says: str) -> None:
    with pytest.raises(CompileError, match=says):
        compile_network(Network(layers), load_config("bf16_pe16"), steps, train)


def test_a_second_of_speech_fits_training() -> None:
    """A layer of 128 units over 61 steps: nearly all of SMEM, which only some orders of its vectors fit."""
    network = Network((delta(DeltaLstm, 16, 128, 0.1, 1), linear(128, 12)))
    image = compile_network(network, load_config("bf16_pe16"), 61, train=True).image
    ends = {region.address + region.words for region in image.manifest.regions if region.memory == "smem"}
    assert max(ends) > 0.8 * image.hw.smem_words


def test_small_machines_say_what_they_lack() -> None:
    hw = load_config("bf16_pe16")
    network = Network(big(units=256))
    with pytest.raises(CompileError, match=r"accumulators: 80 needed, there are 64"):
        compile_network(network, hw.model_copy(update={"acc_words": 64}), 5)
    with pytest.raises(CompileError, match=r"SMEM: inference needs 165 words, there are 128 .*: 37 too many"):
        compile_network(network, hw.model_copy(update={"smem_words": 128}), 5)
