"""The demonstration's training step: on the RTL, and by PyTorch's autograd for comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from reneta.compiler.image_folder import ImageFolder
from reneta.golden.arrays import F32, F64
from reneta.golden.layers import swap_gates
from reneta.scripts.compare.levels import machine_format
from reneta.scripts.demo.runs import rtl_device
from reneta.sw_driver.session import Session, TrainingStep
from reneta.training.checkpoint import Checkpoint, build_classifier, in_format
from reneta.training.formats import FLOAT


@dataclass(frozen=True)
class Trained:
    """A training step and its distance from PyTorch's: Euclidean, over the norm of PyTorch's gradient.

    Attributes:
        step: on the RTL.
        rounded: distances from the layers with the machine's number format, in which the same elements fire.
        float32: distances from the layers without rounding; near the thresholds other elements fire there.
    """

    step: TrainingStep
    rounded: dict[str, float]
    float32: dict[str, float]


def train_once(
    checkpoint: Checkpoint, image: ImageFolder, features: F32, target: int, rate: float
) -> Trained:
    """One step of training on the RTL.

    Args:
        checkpoint: the network, of LSTM layers.
        image: the network compiled with its training programs.
        features: [T, F].
        target: number of the class.
        rate: learning rate.

    Raises:
        DriverError: a program does not end well.
    """
    with rtl_device(image) as device:
        session = Session(device)
        session.load(image)
        step = session.train_step(features, target, rate)
    formats = (machine_format(image.hw), FLOAT)
    rounded, float32 = (_by_autograd(in_format(checkpoint, one), features, target) for one in formats)
    return Trained(step, _distances(step, rounded), _distances(step, float32))


def _distances(step: TrainingStep, wanted: dict[str, F64]) -> dict[str, float]:
    return {
        name: float(np.linalg.norm(step.gradients[name] - gradient) / np.linalg.norm(gradient))
        for name, gradient in wanted.items()
    }


def _by_autograd(checkpoint: Checkpoint, features: F32, target: int) -> dict[str, F64]:
    """Gradients by the names and in the order of rows of the machine. In fixed point sums take float64."""
    fixed_point = checkpoint.config.number_format.activation is not None
    dtype = torch.float64 if fixed_point else torch.float32
    model = build_classifier(checkpoint).to(dtype)
    logits, _ = model(torch.from_numpy(features).to(dtype).unsqueeze(1), torch.tensor([len(features)]))
    loss = cross_entropy(logits, torch.tensor([target]))
    names, parameters = zip(*model.named_parameters(), strict=True)
    gradients = torch.autograd.grad(loss, parameters)
    found = {name: gradient.double().numpy() for name, gradient in zip(names, gradients, strict=True)}
    named = {}
    for layer in range(checkpoint.config.rnn_layers):
        named[f"rnn.l{layer}.wx"] = swap_gates(found[f"rnn.weight_ih_l{layer}"])
        named[f"rnn.l{layer}.wh"] = swap_gates(found[f"rnn.weight_hh_l{layer}"])
        named[f"rnn.l{layer}.bias"] = swap_gates(found[f"rnn.bias_ih_l{layer}"][:, None])
    return {**named, "cl.w": found["cl.weight"], "cl.bias": found["cl.bias"][:, None]}
