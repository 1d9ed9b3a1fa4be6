"""Several processes that train one network: torchrun starts them, DistributedDataParallel sums gradients.

    python -m torch.distributed.run --nproc_per_node 2 -m reneta.training.cli --step pretrain ...

Each process takes every n-th utterance of an epoch's order, so the batch of an optimiser step is n times
--batch_size. Processes on CPUs talk through gloo, on GPUs through NCCL. Only process 0 writes and prints.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from reneta.training.errors import TrainingError


@dataclass(frozen=True)
class Place:
    """Where this process runs, and which of how many it is.

    Attributes:
        device: where its tensors lie.
        rank: its number, from 0.
        world: number of processes.
    """

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and prints."""
        return self.rank == 0

    def summed(self, values: Tensor) -> Tensor:
        """The sum over all processes, in each of them."""
        if self.world > 1:
            values = values.clone()
            distributed.all_reduce(values)
        return values

    def wait(self) -> None:
        """Wait until all processes are here: what process 0 wrote before can then be read."""
        if self.world > 1:
            distributed.barrier()

    def share(self, order: Tensor) -> Tensor:
        """This process's part of an order of utterances: as many for each, the first twice if need be."""
        missing = -len(order) % self.world
        return torch.cat([order, order[:missing]])[self.rank :: self.world]

    def parallel(self, model: nn.Module) -> nn.Module:
        """The model, with its gradients averaged over all processes."""
        if self.world == 1:
            return model
        return DistributedDataParallel(
            model, device_ids=[self.device] if self.device.type == "cuda" else None
        )


@contextmanager
def joined(use_cuda: bool) -> Iterator[Place]:
    """Join the other processes, if torchrun started this one, until the block ends.

    Raises:
        TrainingError: torchrun started more processes on this host than it has CUDA devices.
    """
    cuda = use_cuda and torch.cuda.is_available()
    if "WORLD_SIZE" not in os.environ:
        yield Place(torch.device("cuda" if cuda else "cpu"))
        return
    local = int(os.environ["LOCAL_RANK"])
    if cuda and local >= torch.cuda.device_count():
        raise TrainingError(
            f"process {local} of this host has no CUDA device, there are {torch.cuda.device_count()}: "
            "give --nproc_per_node that many, or --use_cuda 0"
        )
    device = torch.device("cuda", local) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Place(device, distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()
