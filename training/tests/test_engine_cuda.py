"""The same training on a CUDA device as on the CPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reneta.training import networks
from reneta.training.checkpoint import TrainingState, load_checkpoint
from reneta.training.distributed import Place
from reneta.training.tests import artificial

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.mark.parametrize("model", ["cla-rnn", "cla-deltarnn"])
@pytest.mark.parametrize("rnn_type", ["LSTM", "GRU"])
def test_a_run_on_the_device_is_near_that_on_the_cpu(tmp_path: Path, model: str, rnn_type: str) -> None:
    runs = {}
    for device in ("cpu", "cuda"):
        artificial.write_features(tmp_path / device)
        options = artificial.options(tmp_path / device, "--rnn_type", rnn_type, "--model_pretrain", model)
        place = Place(torch.device(device))
        # Thresholds would turn the last bit of a sum into another decision.
        best = networks.pretrain(replace(options, thx=0.0, thh=0.0), place)
        assert all(value.device.type == "cpu" for value in load_checkpoint(best).state_dict.values())
        runs[device] = TrainingState.load(best.with_name("last.pt")).rows
    for cpu, cuda in zip(runs["cpu"], runs["cuda"], strict=True):
        assert cuda["train_loss"] == pytest.approx(cpu["train_loss"], rel=0.02)
        assert cuda["valid_loss"] == pytest.approx(cpu["valid_loss"], rel=0.02)


def test_a_run_goes_on_on_the_device(tmp_path: Path) -> None:
    artificial.write_features(tmp_path)
    place = Place(torch.device("cuda"))
    best = networks.pretrain(artificial.options(tmp_path), place)
    networks.pretrain(artificial.options(tmp_path, "--epochs_pretrain", "5"), place)
    losses = [row["train_loss"] for row in TrainingState.load(best.with_name("last.pt")).rows]
    assert len(losses) == 5
    assert losses[4] < losses[2]
