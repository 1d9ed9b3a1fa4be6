"""What a network may not exceed on a machine, apart from SMEM; each message says by how much."""

from __future__ import annotations

from reneta.compiler.errors import CompileError
from reneta.compiler.network import DeltaLstm, Network
from reneta.golden.config import HwConfig
from reneta.golden.layers import GATES
from reneta.golden.lists import row_groups


def check_limits(network: Network, hw: HwConfig, steps: int, train: bool) -> None:
    """Check sizes of layers, accumulators and descriptors.

    Args:
        network: the network.
        hw: the machine.
        steps: of a sequence.
        train: whether a training step is wanted.

    Raises:
        CompileError: something does not fit, or the training step's kind of layer is another one.
    """
    if steps < 1:
        raise CompileError(f"a sequence of {steps} steps: --steps is 1 or more")
    for layer in network.layers:
        for size, what in ((layer.inputs, "inputs"), (layer.units, "units")):
            _limit(f"{layer.name}: {what}", size, hw.max_n, f"MAX_N of {hw.name}")
    _limit("accumulators", _accumulators(network, hw), hw.acc_words, f"words of {hw.name}")
    _limit("descriptors", len(network.recurrent), hw.max_m, f"MAX_M of {hw.name}")
    if train:
        _check_training(network, hw, steps)


def _check_training(network: Network, hw: HwConfig, steps: int) -> None:
    for layer in network.recurrent:
        if not isinstance(layer, DeltaLstm):
            raise CompileError(f"{layer.name}: a training step takes LSTM layers only; leave --train out")
        columns = max(layer.inputs, layer.units)
        gate = row_groups(layer.units, hw.num_pe) * columns
        _limit(f"{layer.name}: gradient of a gate", gate, hw.acc_words, f"accumulators of {hw.name}")
    listed = steps * len(network.recurrent)
    _limit("descriptors of all steps and layers", listed, hw.max_m, f"MAX_M of {hw.name}; give fewer --steps")


def _accumulators(network: Network, hw: HwConfig) -> int:
    """Words of accumulators of inference: M and sums of each delta layer, and one linear layer."""
    delta = sum((GATES + 1) * row_groups(layer.units, hw.num_pe) for layer in network.recurrent)
    return delta + max((row_groups(layer.units, hw.num_pe) for layer in network.linear), default=0)


def _limit(what: str, needed: int, there: int, whose: str) -> None:
    if needed > there:
        raise CompileError(f"{what}: {needed} needed, there are {there} ({whose}): {needed - there} too many")
