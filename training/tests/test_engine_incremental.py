"""Class-incremental learning: herding, nearest means, stages that follow one another, the study."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from reneta.training import cli, icarl, incremental, trainer
from reneta.training.batches import Batch
from reneta.training.checkpoint import build_classifier, load_checkpoint
from reneta.training.distributed import Place
from reneta.training.incremental import class_order
from reneta.training.models import Classifier
from reneta.training.options import Options
from reneta.training.tests import artificial
from reneta.training.trainer import Job

CLASSES = 6
EXEMPLARS = ("--num_exemplars", "30", "--epochs_pretrain", "6", "--epochs_retrain", "6")
PLAIN = ("--il_mode", "1", "--model_retrain", "cla-rnn", *EXEMPLARS)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    artificial.write_features(tmp_path, CLASSES)
    return tmp_path


def run(out: Path, *more: str) -> int:
    return cli.main(artificial.arguments(out, *more))


def learn(out: Path, step: str, known: int, new: int, *more: str) -> int:
    numbers = ("--num_learned_classes", str(known), "--num_new_classes", str(new))
    return run(out, *PLAIN, "--step", step, *numbers, *more)


def folder(out: Path, classes: int, network: str = "lstm-1x8-s0") -> Path:
    return out / "gscdv2" / "incremental" / network / str(classes)


def test_herding_chooses_what_brings_the_mean_nearest() -> None:
    phi = normalize(torch.randn(9, 4, generator=torch.Generator().manual_seed(3)))
    mean = normalize(phi.mean(0), dim=0)
    chosen: list[int] = []
    for _ in range(5):
        distances = {
            index: float((mean - normalize(phi[[*chosen, index]].mean(0), dim=0)).norm())
            for index in range(9)
            if index not in chosen
        }
        chosen.append(min(distances, key=lambda index: distances[index]))
    assert icarl.herd(phi, 5) == chosen
    assert sorted(icarl.herd(phi, 20)) == list(range(9))


def test_the_nearest_mean() -> None:
    phi = normalize(torch.tensor([[1.0, 0.1], [1.0, -0.1], [0.1, 1.0], [0.0, 1.0]]))
    means = icarl.class_means(phi, torch.tensor([1, 1, 0, 0]), 2)
    assert torch.allclose(means.norm(dim=1), torch.ones(2))
    assert torch.allclose(means[1], torch.tensor([1.0, 0.0]), atol=1e-6)
    assert icarl.nearest(normalize(torch.tensor([[3.0, 1.0], [1.0, 3.0]])), means).tolist() == [1, 0]


def test_distillation_wants_the_opinion_of_the_network_before() -> None:
    before = torch.tensor([[0.9, 0.1], [0.2, 0.7]])
    objective = icarl.distilling(before)
    batch = Batch(torch.empty(0), torch.empty(0), torch.tensor([2]), torch.tensor([1]))
    logits = torch.tensor([[*torch.logit(before[1]).tolist(), 5.0]], requires_grad=True)
    loss = objective(logits, batch)
    usual = torch.nn.functional.cross_entropy(logits, batch.targets)
    entropy = -(before[1] * before[1].log() + (1 - before[1]) * (1 - before[1]).log()).mean()
    assert loss.item() == pytest.approx((usual + entropy).item(), rel=1e-5)
    (gradient,) = torch.autograd.grad(loss - usual, logits)
    assert torch.allclose(gradient, torch.zeros(1, 3), atol=1e-6)


def test_stages_follow_one_another(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn(out, "pretrain", 0, 3) == 0
    assert learn(out, "retrain", 3, 2) == 0
    assert learn(out, "retrain", 5, 1) == 0
    order = [f"word{index}" for index in class_order(artificial.feature_info(CLASSES), 0)]
    for classes in (3, 5, 6):
        network = load_checkpoint(folder(out, classes) / "best.pt")
        assert list(network.labels) == order[:classes]
        exemplars = json.loads((folder(out, classes) / "exemplars.json").read_text())
        assert list(exemplars) == order[:classes]
        for label, paths in exemplars.items():
            assert len(set(paths)) == min(30 // classes, artificial.COUNTS["train"])
            assert all(path.startswith(f"{label}/train") for path in paths)
        result = json.loads((folder(out, classes) / "result.json").read_text())
        assert result["classes"] == classes
        assert result["accuracy"] > 0.7
    # An exemplar that stays was among the more important ones before.
    before, after = (
        json.loads((folder(out, classes) / "exemplars.json").read_text())[order[0]] for classes in (3, 6)
    )
    assert before[: len(after)] == after
    # The old classes are still known, though only few of their utterances were seen again.
    assert run(out, "--step", "test", "--path_net", str(folder(out, 6) / "best.pt")) == 1
    assert "(reordered)" in capsys.readouterr().err


def test_a_stage_learns_from_new_utterances_exemplars_and_the_network_before(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert learn(out, "pretrain", 0, 3) == 0
    before = build_classifier(load_checkpoint(folder(out, 3) / "best.pt"))
    jobs: list[Job] = []

    def recorded(model: Classifier, job: Job, options: Options, place: Place) -> None:
        jobs.append(job)
        trainer.train(model, job, options, place)

    monkeypatch.setattr(incremental, "train", recorded)
    assert learn(out, "retrain", 3, 2) == 0
    (job,) = jobs
    # 30 exemplars of three classes were kept, ten of each.
    counts = torch.bincount(job.train.targets).tolist()
    assert counts == [10, 10, 10, *[artificial.COUNTS["train"]] * 2]
    assert torch.bincount(job.valid.targets).tolist() == [artificial.COUNTS["valid"]] * 5
    batch = job.train.batch(torch.arange(len(job.train)))
    with torch.no_grad():
        wanted = before(batch.features, batch.lengths)[0].sigmoid()
    logits = torch.zeros(len(job.train), 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(job.objective(logits, batch), logits)
    (usual,) = torch.autograd.grad(trainer.recognition(logits, batch), logits)
    kept = (gradient - usual) * wanted.numel()
    assert torch.allclose(kept[:, :3], 0.5 - wanted, atol=1e-4)
    assert not bool(kept[:, 3:].any())


def test_a_stage_depends_on_the_seed_only(out: Path, tmp_path: Path) -> None:
    artificial.write_features(tmp_path / "other", CLASSES)
    for place in (out, tmp_path / "other"):
        assert learn(place, "pretrain", 0, 3) == 0
        assert learn(place, "retrain", 3, 3) == 0
    a, b = (load_checkpoint(folder(place, 6) / "best.pt") for place in (out, tmp_path / "other"))
    for name, value in a.state_dict.items():
        assert torch.equal(value, b.state_dict[name]), name
    assert class_order(artificial.feature_info(20), 1) != class_order(artificial.feature_info(20), 0)


def test_the_study(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--step", "incremental", "--il_stages", "2,4,6", *EXEMPLARS)
    assert run(out, *more) == 0
    place = folder(out, 0, "deltalstm-1x8-x0.1-h0.1-s0").parent
    rows = json.loads((place / "study.json").read_text())
    assert [(row["delta"], row["classes"]) for row in rows] == [
        (delta, classes) for delta in (False, True) for classes in (2, 4, 6)
    ]
    assert all(row["accuracy"] > 0.5 for row in rows)
    assert all(("sparsity" in row) == row["delta"] for row in rows)
    with (place / "study.csv").open() as file:
        assert [row["classes"] for row in csv.DictReader(file)] == ["2", "4", "6"] * 2
    assert (place / "study.png").read_bytes().startswith(b"\x89PNG")
    assert "deltalstm" in (place / "study.svg").read_text()
    capsys.readouterr()
    assert run(out, *more) == 0
    assert capsys.readouterr().out.count("finished before") == 6


@pytest.mark.parametrize(
    ("step", "known", "new", "more", "expected"),
    [
        ("retrain", 3, 2, (), "there is no network that knows 3 classes"),
        ("pretrain", 0, 7, (), "7 classes, but the features have 6"),
        ("pretrain", 0, 6, ("--num_exemplars", "5"), "--num_exemplars 5 are less than the 6 classes"),
        ("retrain", 0, 3, (), "makes a network of the other kind"),
        ("retrain", 0, 3, ("--model_retrain", "cla-deltarnn"), "there is no network that knows 3 classes"),
    ],
)
def test_a_stage_that_cannot_be(
    out: Path,
    step: str,
    known: int,
    new: int,
    more: tuple[str, ...],
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert learn(out, step, known, new, *more) == 1
    told = capsys.readouterr().err
    assert expected in told
    assert told.count("\n") == 1


def test_stages_that_do_not_belong_together(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn(out, "pretrain", 0, 3) == 0
    exemplars = folder(out, 3) / "exemplars.json"
    content = exemplars.read_text()
    exemplars.write_text(content[:20])
    assert learn(out, "retrain", 3, 2) == 1
    assert "there are no exemplars" in capsys.readouterr().err
    exemplars.write_text(content.replace("/train", "/gone"))
    assert learn(out, "retrain", 3, 2) == 1
    assert "is not among the features any more" in capsys.readouterr().err


def test_too_many_stages_are_told_before_the_first(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(out, "--step", "incremental") == 1
    assert "--il_stages: 35 classes, but the features have 6" in capsys.readouterr().err
    assert not (out / "gscdv2" / "incremental").exists()
