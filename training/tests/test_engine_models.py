"""The classifier and its configuration."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from reneta.training.formats import BF16, FLOAT, NumberFormat, fixed
from reneta.training.models import Classifier, NetworkConfig, number_format
from reneta.training.options import OptionError, Options

PLAIN = NetworkConfig("LSTM", False, 5, 6)
DELTA = NetworkConfig("GRU", True, 5, 6, 2, 0.1, 0.1, 0.2, fixed(3, 5, 1, 7, 12, 12), True, False)


@pytest.mark.parametrize("rnn_type", ["LSTM", "GRU"])
@pytest.mark.parametrize("delta", [False, True])
def test_what_lies_behind_an_utterance_is_not_looked_at(rnn_type: str, delta: bool) -> None:
    model = Classifier(NetworkConfig(rnn_type, delta, 5, 6, thx=0.1, thh=0.1), 3)
    features = torch.randn(9, 2, 5)
    logits, _ = model(features, torch.tensor([9, 4]))
    alone, _ = model(features[:4, 1:], torch.tensor([4]))
    assert torch.allclose(logits[1:], alone, atol=1e-6)
    changed, _ = model(features, torch.tensor([9, 5]))
    assert not torch.allclose(changed[1], logits[1], atol=1e-4)


@pytest.mark.parametrize("rnn_type", ["LSTM", "GRU"])
def test_a_delta_network_without_thresholds_is_the_plain_one(rnn_type: str) -> None:
    plain = Classifier(replace(PLAIN, rnn_type=rnn_type, rnn_layers=2), 3)
    delta = Classifier(replace(plain.config, delta=True), 3)
    delta.load_state_dict(plain.state_dict())
    features, lengths = torch.randn(9, 4, 5), torch.tensor([9, 9, 8, 2])
    assert torch.allclose(plain(features, lengths)[0], delta(features, lengths)[0], atol=1e-5)


def test_the_regulariser_is_differentiable_and_only_of_delta_layers() -> None:
    features, lengths = torch.randn(9, 4, 5), torch.full((4,), 9)
    assert float(Classifier(PLAIN, 3)(features, lengths)[1]) == 0
    model = Classifier(replace(PLAIN, delta=True), 3)
    model(features, lengths)[1].backward()
    gradient = dict(model.rnn.named_parameters())["weight_ih_l0"].grad
    assert gradient is not None
    assert float(gradient.abs().sum()) > 0


def test_the_last_layer_computes_in_the_number_format() -> None:
    model = Classifier(replace(PLAIN, delta=True, number_format=BF16), 3)
    h = torch.randn(4, 6).bfloat16().float()
    weight, bias = (part.bfloat16().float() for part in (model.cl.weight, model.cl.bias))
    assert torch.equal(model.classify(h), torch.nn.functional.linear(h, weight, bias))
    assert not torch.equal(model.classify(h), model.cl(h))


@pytest.mark.parametrize("config", [PLAIN, DELTA, replace(DELTA, number_format=BF16)])
def test_a_configuration_survives_as_plain_data(config: NetworkConfig) -> None:
    assert NetworkConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rnn_type": "RNN"}, ValueError),
        ({"rnn_size": 0}, ValueError),
        ({"rnn_size": 1.5}, ValueError),
        ({"surplus": 1}, TypeError),
        ({"number_format": {"activation": None, "weight": None}}, KeyError),
    ],
)
def test_plain_data_that_is_no_configuration(change: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        NetworkConfig.from_dict({**PLAIN.to_dict(), **change})


def test_names_tell_networks_apart() -> None:
    assert PLAIN.name == "lstm-1x6"
    assert DELTA.name == "deltagru-2x6-dropout0.1-x0.1-h0.2-a3.5-w1.7-m12.12-hs"
    assert replace(DELTA, number_format=BF16, hard_sigmoid=False).name == (
        "deltagru-2x6-dropout0.1-x0.1-h0.2-bf16"
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), FLOAT),
        (Options(bf16=True), BF16),
        (Options(qa=True, qw=True), fixed()),
        (Options(qa=True, aqi=3, aqf=5), NumberFormat(activation=fixed(3, 5).activation)),
        (Options(qa=True, qw=True, bw_acc=32), fixed(mqi=10, mqf=22)),
        (Options(qa=True, qw=True, mqi=12, mqf=20), fixed(mqi=12, mqf=20)),
    ],
)
def test_the_options_number_format(options: Options, expected: NumberFormat) -> None:
    assert number_format(options) == expected


def test_a_number_format_that_cannot_be() -> None:
    with pytest.raises(OptionError, match="activations have 20 bits"):
        number_format(Options(qa=True, aqi=12))


def test_plain_networks_do_not_depend_on_the_delta_options() -> None:
    options = Options(thx=0.3, bf16=True, use_hardtanh=True)
    assert NetworkConfig.of(options, False, 16) == NetworkConfig("LSTM", False, 16, 128)
    assert NetworkConfig.of(options, True, 16).thx == 0.3


def test_recurrent_parameters_are_orthogonal_gate_by_gate() -> None:
    model = Classifier(NetworkConfig("GRU", True, 5, 8, 2), 3)
    parameters = model.rnn.state_dict()
    for name in ("weight_hh_l0", "weight_ih_l1", "weight_hh_l1"):
        for gate in parameters[name].chunk(3):
            assert torch.allclose(gate @ gate.T, torch.eye(8), atol=1e-5)
    assert not bool(parameters["bias_hh_l1"].any())


def test_an_lstm_remembers_at_first() -> None:
    parameters = Classifier(PLAIN, 3).rnn.state_dict()
    for side in ("ih", "hh"):
        assert parameters[f"bias_{side}_l0"].tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12
