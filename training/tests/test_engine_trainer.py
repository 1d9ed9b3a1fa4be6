"""Runs: seeds, going on after a stop, what is kept, what is refused."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from reneta.training import networks
from reneta.training.batches import Batches
from reneta.training.checkpoint import TrainingState, load_checkpoint
from reneta.training.distributed import Place
from reneta.training.errors import TrainingError
from reneta.training.models import Classifier, NetworkConfig
from reneta.training.options import Options
from reneta.training.tests import artificial
from reneta.training.trainer import Job, train

PLACE = Place(torch.device("cpu"))
DROPOUT = ("--rnn_layers", "2", "--rnn_dropout", "0.3", "--model_pretrain", "cla-deltarnn", "--beta", "0.01")
"""A network with all that is random while training."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    artificial.write_features(tmp_path)
    return tmp_path


def pretrain(out: Path, *more: str) -> Path:
    return networks.pretrain(artificial.options(out, *more), PLACE)


def state(best: Path) -> TrainingState:
    return TrainingState.load(best.with_name("last.pt"))


def weights(best: Path) -> dict[str, Tensor]:
    return state(best).model


def equal(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def rows(best: Path) -> list[dict[str, str]]:
    with best.with_name("log.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def without_time(best: Path) -> list[dict[str, str]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows(best)]


def other_folder(tmp_path: Path) -> Path:
    artificial.write_features(tmp_path / "other")
    return tmp_path / "other"


def test_a_seed_gives_the_same_weights_and_another_one_others(out: Path, tmp_path: Path) -> None:
    first = weights(pretrain(out, *DROPOUT))
    second = weights(pretrain(other_folder(tmp_path), *DROPOUT))
    assert equal(first, second)
    assert not equal(first, weights(pretrain(out, *DROPOUT, "--seed", "1")))


def test_a_run_learns_and_the_best_network_is_kept(out: Path) -> None:
    best = pretrain(out, "--epochs_pretrain", "8")
    accuracies = [float(row["accuracy"]) for row in rows(best)]
    kept = load_checkpoint(best)
    assert max(accuracies) > 0.9
    assert kept.metrics["accuracy"] == max(accuracies)
    assert kept.labels == ("word0", "word1", "word2", "word3")
    assert kept.metrics["epoch"] >= 1 + accuracies.index(max(accuracies))


def test_a_run_that_goes_on_ends_as_one_that_was_never_stopped(out: Path, tmp_path: Path) -> None:
    straight = pretrain(out, *DROPOUT, "--epochs_pretrain", "4")
    stopped = other_folder(tmp_path)
    pretrain(stopped, *DROPOUT, "--epochs_pretrain", "2")
    resumed = pretrain(stopped, *DROPOUT, "--epochs_pretrain", "4")
    assert equal(weights(resumed), weights(straight))
    assert equal(load_checkpoint(resumed).state_dict, load_checkpoint(straight).state_dict)
    assert without_time(resumed) == without_time(straight)
    assert state(resumed).scheduler == state(straight).scheduler


def test_a_stop_before_the_state_is_written_repeats_the_epoch(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = pretrain(out)
    stopped = other_folder(tmp_path)
    save = TrainingState.save

    def interrupted(self: TrainingState, path: Path) -> None:
        if self.epochs == 2:
            raise KeyboardInterrupt
        save(self, path)

    with monkeypatch.context() as patched:
        patched.setattr(TrainingState, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pretrain(stopped)
    resumed = pretrain(stopped)
    assert equal(weights(resumed), weights(straight))
    assert [row["epoch"] for row in rows(resumed)] == ["1", "2", "3"]
    assert without_time(resumed) == without_time(straight)


def test_a_killed_process_loses_no_whole_epoch(out: Path, tmp_path: Path) -> None:
    more = ("--epochs_pretrain", "24", *DROPOUT)
    straight = pretrain(out, *more)
    stopped = other_folder(tmp_path)
    command = [sys.executable, "-m", "reneta.training.cli", *artificial.arguments(stopped, *more)]
    process = subprocess.Popen(
        command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    last = stopped / straight.relative_to(out).with_name("last.pt")
    deadline = time.monotonic() + 60
    while not (last.exists() and TrainingState.load(last).epochs >= 2):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = TrainingState.load(last).epochs
    assert 2 <= done < 24
    resumed = pretrain(stopped, *more)
    assert equal(weights(resumed), weights(straight))
    assert without_time(resumed) == without_time(straight)


def test_a_finished_run_is_left_as_it_is(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    best = pretrain(out)
    before = {path: path.stat().st_mtime_ns for path in sorted(best.parent.rglob("*"))}
    capsys.readouterr()
    assert pretrain(out) == best
    assert {path: path.stat().st_mtime_ns for path in sorted(best.parent.rglob("*"))} == before
    assert "finished before, after 3 epochs" in capsys.readouterr().out


def test_a_run_with_other_settings_is_not_gone_on_with(out: Path) -> None:
    best = pretrain(out)
    before = best.read_bytes()
    with pytest.raises(TrainingError, match=r"--lr was 0\.02 for this run and is 0\.01 now.*--restart 1"):
        pretrain(out, "--lr", "0.01")
    assert best.read_bytes() == before
    pretrain(out, "--lr", "0.01", "--restart", "1")
    assert [row["lr"] for row in rows(best)] == ["0.01"] * 3
    assert len(list((best.parent / "tensorboard").iterdir())) == 1


def test_options_of_delta_networks_do_not_matter_to_a_plain_one(out: Path) -> None:
    assert pretrain(out, "--beta", "0.5") == pretrain(out, "--beta", "0", "--thx", "0.5", "--bf16", "1")


def test_changed_features_are_noticed(out: Path) -> None:
    pretrain(out)
    artificial.write_features(out, equal_lengths=True)
    with pytest.raises(TrainingError, match=r"the features' digest was \w+ for this run and is \w+ now"):
        pretrain(out)


def test_resume_0_refuses(out: Path) -> None:
    pretrain(out)
    with pytest.raises(TrainingError, match="has a run: give --resume 1 or --restart 1"):
        pretrain(out, "--resume", "0")


def test_a_state_without_its_result(out: Path) -> None:
    pretrain(out).unlink()
    with pytest.raises(TrainingError, match=r"has last\.pt but no best\.pt; --restart 1"):
        pretrain(out)


def test_a_state_that_is_cut_off(out: Path) -> None:
    last = pretrain(out).with_name("last.pt")
    last.write_bytes(last.read_bytes()[:2000])
    with pytest.raises(TrainingError, match=r"last\.pt: cut off, or no checkpoint; train it anew"):
        pretrain(out)


def test_the_log(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    best = pretrain(out, *DROPOUT, "--lr_schedule", "0")
    found = rows(best)
    assert list(found[0]) == [
        *("epoch", "lr", "train_loss", "train_reg", "valid_loss", "accuracy"),
        *("sparsity_x", "sparsity_h", "sparsity", "seconds"),
    ]
    assert all(0 < float(row["sparsity_h"]) < 1 and float(row["train_reg"]) > 0 for row in found)
    # No terminal: one line an epoch, and one at the end.
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert "epoch 2/3: lr 0.02, loss " in lines[1]
    events = list((best.parent / "tensorboard").iterdir())
    assert len(events) == 1
    assert b"valid_loss" in events[0].read_bytes()


def test_a_plain_network_has_no_sparsity(out: Path) -> None:
    assert {row["sparsity_h"] for row in rows(pretrain(out))} == {""}


def test_a_run_that_goes_on_knows_what_was_best(out: Path) -> None:
    best = pretrain(out)
    before = best.read_bytes()
    # As if an epoch before had recognised everything.
    replace(state(best), best=(1.0, 0.0)).save(best.with_name("last.pt"))
    pretrain(out, "--epochs_pretrain", "5")
    assert state(best).epochs == 5
    assert best.read_bytes() == before


def test_the_rate_falls_to_its_end_and_no_further(out: Path) -> None:
    best = pretrain(
        out,
        *("--epochs_pretrain", "8", "--patience", "0", "--decay_factor", "0.1", "--lr", "0.5"),
        *("--lr_end", "0.01", "--opt", "SGD"),
    )
    rates = [float(row["lr"]) for row in rows(best)]
    assert rates[0] == 0.5
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0.01)


def test_retraining_has_a_rate_of_its_own(out: Path) -> None:
    pretrain(out)
    options = artificial.options(out, "--step", "retrain", "--lr_retrain", "0.004", "--epochs_retrain", "2")
    rates = [float(row["lr"]) for row in rows(networks.retrain(options, PLACE))]
    assert rates == pytest.approx([0.0004, 0.004])
    with pytest.raises(TrainingError, match=r"--lr_retrain was 0.004 for this run and is 0 now"):
        networks.retrain(replace(options, lr_retrain=0.0), PLACE)


def test_dropped_weights_are_balanced_in_the_result(out: Path) -> None:
    more = ("--cbtd", "1", "--gamma_rnn", "0.75", "--num_array_pe", "4", "--epochs_pretrain", "6")
    best = pretrain(out, *more, "--alpha_anneal_epoch", "3")
    last = weights(best)
    for name in ("rnn.weight_ih_l0", "rnn.weight_hh_l0"):
        for element in range(4):
            assert set((last[name][element::4] != 0).sum(0).tolist()) == {2}, name


@pytest.mark.parametrize("optimiser", ["ADAM", "SGD"])
def test_other_optimisers_train(out: Path, optimiser: str) -> None:
    best = pretrain(out, "--opt", optimiser)
    losses = [float(row["train_loss"]) for row in rows(best)]
    assert losses[-1] < losses[0]


def test_a_loss_that_is_no_number_ends_the_run(out: Path) -> None:
    options = artificial.options(out)
    info = networks.load_features(options)
    data = networks.load_set(options, "train")
    data.features[0, 0] = torch.nan
    job = job_of(options, data_batches(data), out / "run", info)
    model = Classifier(NetworkConfig.of(options, False, artificial.FILTERS), 4)
    with pytest.raises(TrainingError, match="job: the loss is no number in epoch 1; lower --lr"):
        train(model, job, options, PLACE)
    assert not (out / "run").exists()


def test_the_last_network_is_the_result_where_it_is_wanted(out: Path) -> None:
    options = artificial.options(out, "--epochs_pretrain", "5", "--lr", "0.2")
    info, data = networks.load_features(options), data_batches(networks.load_set(options, "train"))
    job = replace(job_of(options, data, out / "run", info), keep_last=True, epochs=5)
    train(networks.random_classifier(NetworkConfig.of(options, False, 16), 4, 0), job, options, PLACE)
    best = out / "run" / "best.pt"
    assert equal(load_checkpoint(best).state_dict, weights(best))


def data_batches(data: Any) -> Batches:
    return Batches.of(data, PLACE.device)


def job_of(options: Options, data: Batches, folder: Path, info: Any) -> Job:
    return Job("job", folder, options.epochs_pretrain, False, {}, info, info.labels, data, data)
