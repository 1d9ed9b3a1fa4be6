"""Two processes that train one network, through torchrun and gloo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from reneta.training import networks
from reneta.training.checkpoint import TrainingState
from reneta.training.distributed import Place
from reneta.training.tests import artificial, distributed_worker

DELTA = (
    *("--model_pretrain", "cla-deltarnn", "--beta", "0.05", "--lr_schedule", "0"),
    *("--cbtd", "1", "--alpha_anneal_epoch", "5"),
)


def torchrun(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone"]
    command += [str(distributed_worker.__file__), str(folder), *artificial.arguments(folder, *options)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_two_processes_train_as_one_with_the_double_batch(tmp_path: Path) -> None:
    artificial.write_features(tmp_path / "two", equal_lengths=True)
    artificial.write_features(tmp_path / "one", equal_lengths=True)
    done = torchrun(tmp_path / "two", *DELTA, "--batch_size", "8")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "epoch" in line]
    assert len(lines) == 3, done.stdout

    best = networks.pretrain(
        artificial.options(tmp_path / "one", *DELTA, "--batch_size", "16"), Place(torch.device("cpu"))
    )
    one = TrainingState.load(best.with_name("last.pt"))
    two = TrainingState.load(tmp_path / "two" / best.relative_to(tmp_path / "one").with_name("last.pt"))
    ranks = [torch.load(tmp_path / "two" / f"rank-{rank}.pt", weights_only=True) for rank in range(2)]
    for name, value in one.model.items():
        assert torch.equal(ranks[0][name], ranks[1][name]), name
        assert torch.equal(ranks[0][name], two.model[name]), name
        assert torch.allclose(value, two.model[name], atol=1e-5), name
    for row_one, row_two in zip(one.rows, two.rows, strict=True):
        for name in row_one.keys() - {"seconds"}:
            assert row_two[name] == pytest.approx(row_one[name], abs=1e-5), name


def test_processes_share_an_order_evenly() -> None:
    order = torch.tensor([5, 3, 1, 4, 2])
    shares = [Place(torch.device("cpu"), rank, 2).share(order).tolist() for rank in range(2)]
    assert shares == [[5, 1, 2], [3, 4, 5]]
    assert Place(torch.device("cpu")).share(order).tolist() == [5, 3, 1, 4, 2]
