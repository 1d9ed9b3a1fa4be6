"""Networks on devices: sequences, streams and training steps, the same on the golden machine and the RTL."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from reneta.compiler.compile import compile_network
from reneta.compiler.errors import ImageError
from reneta.compiler.frontends.module import from_module
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.network import DeltaGru, DeltaLstm, Linear, Network
from reneta.golden.arrays import F64
from reneta.golden.config import HwConfig, load_config
from reneta.golden.layers import swap_gates
from reneta.sw_driver.classifier import LinearLayer, classify
from reneta.sw_driver.device import Device
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.errors import DriverError, MismatchError, ProgramError
from reneta.sw_driver.fast_sim import FastSim, Library
from reneta.sw_driver.session import InputError, Session

STEPS, INPUTS, CLASSES = 6, 5, 3
DRAM_BYTES = 1 << 17


class Small(nn.Module):
    """Two LSTM layers and a classifier, as PyTorch has them."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(INPUTS, 7, num_layers=2)
        self.cl = nn.Linear(7, CLASSES)


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(3)
    small = Small()
    layers = from_module(nn.Sequential(small.rnn, small.cl)).layers
    return Network(layers, ("left", "right", "stop"))


@pytest.fixture(scope="module")
def image(network: Network, hw: HwConfig) -> ImageFolder:
    return compile_network(network, hw, STEPS, train=True).image


@pytest.fixture
def session(device: Device, image: ImageFolder) -> Session:
    made = Session(device)
    made.load(image)
    return made


def walk(steps: int, seed: int = 0) -> F64:
    return np.cumsum(np.random.default_rng(seed).standard_normal((steps, INPUTS)) * 0.4, axis=0)


def torch_network(network: Network) -> tuple[Small, list[nn.Parameter]]:
    """The network in float32, with the weights that bf16 leaves; its parameters."""
    small = Small()
    lstm = [layer for layer in network.layers if isinstance(layer, DeltaLstm)]
    (linear,) = (layer for layer in network.layers if isinstance(layer, Linear))
    wanted = [array for layer in lstm for array in layer.parameters] + [linear.weight, linear.bias]
    parameters = list(small.parameters())
    with torch.no_grad():
        for parameter, array in zip(parameters, wanted, strict=True):
            parameter.copy_(torch.tensor(array).bfloat16().float())
    return small, parameters


def torch_logits(small: Small, x: F64) -> torch.Tensor:
    h, _ = small.rnn(torch.tensor(x).bfloat16().float()[:, None])
    logits: torch.Tensor = small.cl(h[-1, 0])
    return logits


@pytest.mark.parametrize("steps", [STEPS, 1, 4])
def test_a_sequence_is_recognised(session: Session, network: Network, steps: int) -> None:
    x = walk(steps)
    found = session.run(x)
    logits = torch_logits(torch_network(network)[0], x).detach().double().numpy()
    np.testing.assert_allclose(found.logits, logits, atol=0.02)
    assert found.number == int(np.argmax(logits))
    assert found.label == ("left", "right", "stop")[found.number]
    assert found.steps == steps
    assert list(found.parts) == ["begin", "sequence", "finish"]
    assert found.counters.instructions == sum(part.instructions for part in found.parts.values())
    assert found.counters.mac > 0


def test_a_stream_gives_what_a_sequence_gives(session: Session) -> None:
    """Also beyond the image's longest sequence, from where it can go on after it was recognised."""
    x = walk(2 * STEPS)
    with session.stream() as stream:
        for step in x[: STEPS - 1]:
            stream.step(step)
        early = stream.finish()
        h = stream.step(x[STEPS - 1])
        whole = stream.finish()
        for step in x[STEPS:]:
            stream.step(step)
        assert stream.finish().steps == 2 * STEPS
    assert h.shape == (7,)
    np.testing.assert_array_equal(whole.logits, session.run(x[:STEPS]).logits)
    np.testing.assert_array_equal(early.logits, session.run(x[: STEPS - 1]).logits)
    assert whole.parts["sequence"].instructions > early.parts["sequence"].instructions


def test_devices_agree(library: Library, image: ImageFolder) -> None:
    """Bit by bit in all of the DRAM, behind inference and behind a training step."""
    drams = []
    for device in (GoldenDevice(library.hw, DRAM_BYTES), FastSimDevice(FastSim(library, DRAM_BYTES))):
        with device:
            session = Session(device)
            session.load(image)
            session.run(walk(4))
            session.train_step(walk(STEPS), 1, 0.5)
            drams.append(device.read_dram(0, DRAM_BYTES))
    np.testing.assert_array_equal(drams[0], drams[1])


@pytest.mark.parametrize("steps", [STEPS, 4])
def test_gradients_are_those_of_pytorch(session: Session, network: Network, steps: int) -> None:
    """Loss and gradients up to what bf16 loses; the new weights are old ones minus rate times gradient."""
    x, target, rate = walk(steps, 2), 2, 0.5
    small, parameters = torch_network(network)
    loss = nn.functional.cross_entropy(torch_logits(small, x), torch.tensor(target))
    torch.autograd.backward(loss)
    old = dict(session.master)
    step = session.train_step(x, target, rate)
    assert step.before == pytest.approx(loss.item(), abs=0.01)
    assert step.after < step.before - 0.05
    names = [layer.name for layer in network.layers]
    wanted = {}
    for number, name in enumerate(names[:2]):
        w_ih, w_hh, b_ih, _ = (parameter.grad for parameter in parameters[4 * number : 4 * number + 4])
        for key, grad in (("wx", w_ih), ("wh", w_hh), ("bias", b_ih)):
            assert grad is not None
            wanted[f"{name}.{key}"] = swap_gates(grad.double().numpy().reshape(len(grad), -1))
    for key, parameter in (("w", parameters[8]), ("bias", parameters[9])):
        assert parameter.grad is not None
        wanted[f"{names[2]}.{key}"] = parameter.grad.double().numpy().reshape(CLASSES, -1)
    assert set(step.gradients) == set(wanted) == set(old)
    for name, gradient in wanted.items():
        found = step.gradients[name]
        assert found.shape == gradient.shape, name
        assert np.linalg.norm(found - gradient) < 0.03 * np.linalg.norm(gradient), name
        new = old[name] - np.float32(rate) * found.astype(np.float32)
        np.testing.assert_array_equal(session.master[name], new)
        np.testing.assert_array_equal(
            session.read(name), torch.tensor(new).bfloat16().double().numpy(), err_msg=name
        )
    assert list(step.parts) == ["forward", "backward", "gradients"]


def test_training_learns(hw: HwConfig, image: ImageFolder) -> None:
    """Inference sees the new weights; another load brings the old ones back."""
    session = Session(GoldenDevice(hw, DRAM_BYTES))
    session.load(image)
    x = walk(STEPS, 5)
    before = session.run(x)
    target = (before.number + 1) % CLASSES
    for _ in range(10):
        step = session.train_step(x, target, 0.3)
    assert step.after < 0.5
    assert session.run(x).number == target
    session.load(image)
    np.testing.assert_array_equal(session.run(x).logits, before.logits)


def test_fixed_point_networks() -> None:
    hw = load_config("fxp16_pe8")
    rng = np.random.default_rng(1)
    shapes = ((27, INPUTS), (27, 9), (27,), (27,))
    w_ih, w_hh, b_ih, b_hh = (rng.uniform(-0.3, 0.3, shape) for shape in shapes)
    gru = DeltaGru("gru", w_ih, w_hh, b_ih, b_hh, 0.05, 0.02)
    image = compile_network(Network((gru,)), hw, STEPS).image
    session = Session(GoldenDevice(hw, len(image.dram)))
    session.load(image)
    found = session.run(walk(STEPS))
    with session.stream() as stream:
        h = [stream.step(step) for step in walk(STEPS)][-1]
    np.testing.assert_array_equal(found.logits, h)
    assert found.label == str(found.number)
    with pytest.raises(ImageError, match="the image has no tensor dl_dh"):
        session.train_step(walk(STEPS), 0, 0.1)


def test_small_steps_add_up(hw: HwConfig, image: ImageFolder) -> None:
    """Each is too small to be seen in bf16; the master weights gather them."""
    session = Session(GoldenDevice(hw, DRAM_BYTES))
    session.load(image)
    held, seen = session.read("1.w"), []
    for _ in range(6):
        gradient = session.train_step(walk(STEPS, 5), 0, 1e-4).gradients["1.w"]
        seen.append(int(np.count_nonzero(session.read("1.w") != held)))
    assert seen[0] < 0.2 * held.size
    assert seen[-1] > seen[0]
    moved = session.master["1.w"] - held
    np.testing.assert_allclose(moved, -6e-4 * gradient, rtol=0.05, atol=1e-6)


def test_an_error_ends_as_an_exception(session: Session, image: ImageFolder) -> None:
    """A damaged instruction is told as what stands there; behind the next load all is well."""
    entry = image.entry("sequence")
    session.device.write_dram(entry.address + 2 * 64 + 56, b"\x01")
    with pytest.raises(
        ProgramError,
        match=r"^instruction 2: PROC, found by CTL: no instruction: bits 0x1 of word 7 are wrong",
    ):
        session.run(walk(3))
    with pytest.raises(DriverError, match="no program can start in state ERROR; reset the machine first"):
        session.run(walk(3))
    session.load(image)
    session.run(walk(3))


def test_what_does_not_fit_is_told(session: Session, image: ImageFolder, hw: HwConfig) -> None:
    for wrong, says in (
        (np.zeros((3, 4)), "the network takes features of steps x 5, not 3 x 4"),
        (np.zeros(5), "the network takes features of steps x 5, not 5"),
        (np.full((2, 5), np.nan), "the features hold numbers that are not finite"),
    ):
        with pytest.raises(InputError, match=says):
            session.run(wrong)
    for steps in (0, STEPS + 1):
        with pytest.raises(ImageError, match=rf"a sequence of {steps} steps: the image takes 1 to 6"):
            session.run(np.zeros((steps, INPUTS)))
        with pytest.raises(InputError, match=rf"a training step takes 1 to 6 steps, not {steps}"):
            session.train_step(np.zeros((steps, INPUTS)), 0, 0.1)
    with pytest.raises(InputError, match="there is no class 3; there are 3, from 0 on"):
        session.train_step(walk(2), 3, 0.1)
    with pytest.raises(InputError, match="the learning rate nan is not a number from 0 on"):
        session.train_step(walk(2), 0, np.nan)
    stream = session.stream()
    with pytest.raises(DriverError, match="outside of its with statement"):
        stream.step(np.zeros(INPUTS))
    with stream, pytest.raises(DriverError, match="a stream without a step"):
        stream.finish()
    with stream, pytest.raises(InputError, match="features of 5, not 4"):
        stream.step(np.zeros(4))
    with pytest.raises(DriverError, match="outside of its with statement"):
        stream.finish()
    small = GoldenDevice(hw, 4096)
    with pytest.raises(DriverError, match="no image is loaded"):
        Session(small).run(walk(2))
    with pytest.raises(DriverError, match=r"the image takes \d+ bytes of DRAM, golden bf16_pe4 has 4096"):
        Session(small).load(image)
    with pytest.raises(MismatchError, match="num_pe is 16, not 4"):
        Session(GoldenDevice(load_config("bf16_pe16"), DRAM_BYTES)).load(image)


def test_the_classifier_is_pytorchs() -> None:
    """Two layers with ReLU, and none at all."""
    rng = np.random.default_rng(4)
    h = rng.standard_normal(5)
    shapes = ((4, 5), (3, 4))
    layers = [
        LinearLayer(f"l{number}", rng.standard_normal(shape), rng.standard_normal(shape[0]), number == 0)
        for number, shape in enumerate(shapes)
    ]
    found = classify(layers, h, 1)
    v = x = torch.tensor(h, requires_grad=True)
    parameters = [
        (torch.tensor(one.w, requires_grad=True), torch.tensor(one.bias, requires_grad=True))
        for one in layers
    ]
    for layer, (w, bias) in zip(layers, parameters, strict=True):
        v = w @ v + bias
        v = torch.relu(v) if layer.relu else v
    loss = nn.functional.cross_entropy(v, torch.tensor(1))
    torch.autograd.backward(loss)
    assert found.loss == pytest.approx(loss.item())
    for layer, (w, bias) in zip(layers, parameters, strict=True):
        assert w.grad is not None
        assert bias.grad is not None
        np.testing.assert_allclose(found.gradients[f"{layer.name}.w"], w.grad.numpy())
        np.testing.assert_allclose(found.gradients[f"{layer.name}.bias"][:, 0], bias.grad.numpy())
    assert x.grad is not None
    np.testing.assert_allclose(found.dl_dh, x.grad.numpy())
    alone = classify([], h, 0)
    np.testing.assert_array_equal(alone.logits, h)
    assert alone.dl_dh.sum() == pytest.approx(0)
