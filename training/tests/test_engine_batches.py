"""Batches, and the evaluation that is made of them."""

from __future__ import annotations

import pytest
import torch

from reneta.training.batches import Batches, mixed
from reneta.training.data.feature_set import collate
from reneta.training.distributed import Place
from reneta.training.evaluation import SHARES, evaluate
from reneta.training.models import Classifier, NetworkConfig
from reneta.training.tests.artificial import FILTERS, feature_set

PLACE = Place(torch.device("cpu"))


def test_a_batch_is_what_the_set_holds() -> None:
    data = feature_set("valid", 4)
    indices = torch.tensor([7, 0, 19])
    batch = Batches.of(data, PLACE.device).batch(indices)
    features, lengths, targets = collate([data[index] for index in indices.tolist()])
    assert torch.equal(batch.features.transpose(0, 1), features)
    assert torch.equal(batch.lengths, lengths)
    assert torch.equal(batch.targets, targets)
    assert torch.equal(batch.indices, indices)


def test_chosen_utterances_take_other_targets() -> None:
    data = feature_set("valid", 4)
    part = Batches.of(data, PLACE.device).chosen(torch.tensor([4, 9]), torch.tensor([3, 0]))
    batch = part.batch(torch.tensor([1]))
    assert len(part) == 2
    assert torch.equal(batch.features[:, 0], data[9][0])
    assert batch.targets.tolist() == [0]


def test_batches_of_one_length_hold_every_utterance_once() -> None:
    data = Batches.of(feature_set("test", 4), PLACE.device)
    parts = list(data.alike(5))
    assert sorted(torch.cat(parts).tolist()) == list(range(len(data)))
    assert all(len(part) <= 5 and len(set(data.lengths[part].tolist())) == 1 for part in parts)


def test_an_order_depends_on_seed_and_epoch() -> None:
    data = Batches.of(feature_set("train", 4), PLACE.device)
    orders = [data.shuffled(seed, epoch).tolist() for seed, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))]
    assert orders[0] == orders[1]
    assert orders[0] not in orders[2:]
    assert sorted(orders[3]) == list(range(len(data)))


def test_seeds_differ_by_all_parts() -> None:
    seeds = [mixed(a, b, c) for a in range(4) for b in range(4) for c in range(4)]
    assert len(set(seeds)) == len(seeds)


@torch.no_grad()
@pytest.mark.parametrize("delta", [False, True])
def test_an_evaluation_is_that_of_each_utterance_alone(delta: bool) -> None:
    data = feature_set("test", 3)
    model = Classifier(NetworkConfig("LSTM", delta, FILTERS, 8, thx=0.3, thh=0.05), 3)
    found = evaluate(model, Batches.of(data, PLACE.device), 4, PLACE)
    confusion, losses = torch.zeros(3, 3, dtype=torch.int64), []
    model.reset_statistics()
    for index in range(len(data)):
        features, target = data[index]
        logits, _ = model(features[:, None], torch.tensor([len(features)]))
        confusion[target, int(logits.argmax())] += 1
        losses.append(float(torch.nn.functional.cross_entropy(logits, torch.tensor([target]))))
    assert torch.equal(found.confusion, confusion)
    assert found.loss == pytest.approx(sum(losses) / len(losses), rel=1e-5)
    assert found.accuracy == int(confusion.diagonal().sum()) / len(data)
    assert tuple(found.shares) == (SHARES if delta else ())
    alone = model.statistics()
    if delta:
        assert alone is not None
        assert found.shares == pytest.approx(alone._asdict())
