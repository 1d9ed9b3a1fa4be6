"""The C++ operator itself: how it is compiled, numbers that are none, how exact its functions are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from reneta.training.layers import DeltaGRU, DeltaLSTM
from reneta.training.layers.native import build


@pytest.mark.parametrize("make", [DeltaLSTM, DeltaGRU])
def test_not_a_number_is_not_hidden(make: type[DeltaLSTM] | type[DeltaGRU]) -> None:
    """A threshold that no difference reaches, but NaN: from that step on everything that depends on it is."""
    layer = make(3, 4, thx=100.0, backend="native")
    x = torch.randn(5, 2, 3)
    x[2, 1, 0] = torch.nan
    out, _ = layer(x)
    assert torch.isfinite(out[:, 0]).all()
    assert torch.isfinite(out[:2]).all()
    assert torch.isnan(out[2:, 1]).all()


def test_functions_are_as_exact_as_torchs() -> None:
    """σ and tanh over all magnitudes, seen through a GRU of one unit: h = (1 - z) tanh(m) with z = σ(s)."""
    m = torch.cat([torch.linspace(-30, 30, 6001), torch.tensor([-200.0, 200.0, 1e-6, -1e-6, 0.0])])
    layer = DeltaGRU(2, 1, backend="native")
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        # Rows r, z, n: z sees the first input, n the second one.
        layer.get_parameter("weight_ih_l0").copy_(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    for x in (
        torch.stack([torch.full_like(m, -100.0), m], 1),
        torch.stack([m, torch.full_like(m, 100.0)], 1),
    ):
        out, _ = layer(x.unsqueeze(0))
        exact = (1 - torch.sigmoid(x[:, 0].double())) * torch.tanh(x[:, 1].double())
        error = np.abs(out[0, :, 0].detach().double().numpy() - exact.numpy())
        assert error.max() < 2e-7


def test_it_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = build.build(tmp_path)
    assert path.is_file()
    monkeypatch.setattr(subprocess, "run", None)  # would fail if it were called
    assert build.build(tmp_path) == path


def test_a_missing_or_failing_compiler_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("PATH", str(tmp_path))
        with pytest.raises(build.NativeBuildError, match="apt-get install g"):
            build.build(tmp_path / "a")
    broken = tmp_path / "delta_rnn.cpp"
    broken.write_text("int broken() { return; }\n", encoding="utf-8")
    monkeypatch.setattr(build, "SOURCE", broken)
    with pytest.raises(build.NativeBuildError, match=r"cannot compile delta_rnn\.cpp: .*error"):
        build.build(tmp_path / "b")
    assert not list((tmp_path / "b").glob("*.so"))
