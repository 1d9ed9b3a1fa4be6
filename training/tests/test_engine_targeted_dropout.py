"""Column-balanced targeted dropout."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from reneta.training.targeted_dropout import annealed_alpha, drop_smallest, prune


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("gamma", "kept"), [(0.0, 10), (0.25, 8), (0.7, 3), (0.99, 1)])
def test_each_element_keeps_as_many_of_each_column(gamma: float, kept: int) -> None:
    weights = torch.randn(40, 7, generator=generator())
    drop_smallest(weights, gamma, 1.0, 4, generator())
    for element in range(4):
        assert (weights[element::4] != 0).sum(0).tolist() == [kept] * 7


def test_the_smallest_go_and_the_others_stay_as_they_are() -> None:
    weights = torch.randn(12, 5, generator=generator())
    before = weights.clone()
    drop_smallest(weights, 0.5, 1.0, 2, generator())
    for element in range(2):
        old, new = before[element::2], weights[element::2]
        border = old.abs().sort(0).values[3]
        assert torch.equal(new, torch.where(old.abs() < border, 0.0, old))


def test_alpha_is_the_probability() -> None:
    weights = torch.ones(1000, 20)
    drop_smallest(weights, 0.5, 0.3, 10, generator())
    assert (weights == 0).double().mean().item() == pytest.approx(0.15, abs=0.01)
    untouched = torch.ones(40, 3)
    drop_smallest(untouched, 0.5, 0.0, 4, generator())
    assert bool((untouched == 1).all())


def test_the_choice_follows_from_the_generator() -> None:
    results = []
    for seed in (1, 1, 2):
        weights = torch.ones(40, 6)
        drop_smallest(weights, 0.5, 0.5, 4, generator(seed))
        results.append(weights)
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_alpha_rises_to_one() -> None:
    assert [annealed_alpha(epoch, 5) for epoch in (0, 1, 4, 9)] == [0.0, 0.25, 1.0, 1.0]
    assert [annealed_alpha(0, epochs) for epochs in (0, 1)] == [1.0, 1.0]


def test_all_weight_matrices_are_pruned_and_no_bias() -> None:
    layers = nn.LSTM(5, 8, 2)
    prune(layers, 0.5, 1.0, 16, generator())
    for name, parameter in layers.named_parameters():
        zeros = (parameter == 0).double().mean().item()
        assert zeros == (0.5 if "weight" in name else 0.0), name


def test_rows_that_cannot_be_dealt() -> None:
    with pytest.raises(ValueError, match="3 processing elements do not divide 8 rows"):
        drop_smallest(torch.ones(8, 2), 0.5, 1.0, 3, generator())
