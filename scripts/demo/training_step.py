"""The demonstration's training step: on the RTL, and by PyTorch's autograd for comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from reneta.compiler.image_folder import ImageFolder
from reneta.golden.arrays import F32, F64
from reneta.golden.layers import swap_gates
from reneta.scripts.demo.runs import rtl_device
from reneta.sw_driver.session import Session, TrainingStep
from reneta.training.checkpoint import Checkpoint, build_classifier
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
        checkpoint: the network, of one LSTM layer.
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
    unrounded = replace(checkpoint, config=replace(checkpoint.config, number_format=FLOAT))
    rounded, float32 = (_by_autograd(network, features, target) for network in (checkpoint, unrounded))
    return Trained(step, _distances(step, rounded), _distances(step, float32))


def _distances(step: TrainingStep, wanted: dict[str, F64]) -> dict[str, float]:
    return {
        name: float(np.linalg.norm(step.gradients[name] - gradient) / np.linalg.norm(gradient))
        for name, gradient in wanted.items()
    }


def _by_autograd(checkpoint: Checkpoint, features: F32, target: int) -> dict[str, F64]:
    """Gradients by the names and in the order of rows of the machine."""
    model = build_classifier(checkpoint)
    logits, _ = model(torch.from_numpy(features).unsqueeze(1), torch.tensor([len(features)]))
    loss = cross_entropy(logits, torch.tensor([target]))
    names, parameters = zip(*model.named_parameters(), strict=True)
    gradients = torch.autograd.grad(loss, parameters)
    found = {name: gradient.double().numpy() for name, gradient in zip(names, gradients, strict=True)}
    return {
        "rnn.l0.wx": swap_gates(found["rnn.weight_ih_l0"]),
        "rnn.l0.wh": swap_gates(found["rnn.weight_hh_l0"]),
        "rnn.l0.bias": swap_gates(found["rnn.bias_ih_l0"][:, None]),
        "cl.w": found["cl.weight"],
        "cl.bias": found["cl.bias"][:, None],
    }
