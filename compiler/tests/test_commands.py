"""`reneta compile` and `reneta inspect`: what they write, print and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from reneta.compiler import cli, inspect
from reneta.compiler.analysis import analyse, random_input
from reneta.compiler.cycles import executed, predict
from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.image_machine import ImageMachine
from reneta.golden.config import load_config
from reneta.training.checkpoint import Checkpoint, save_checkpoint
from reneta.training.data.feature_config import FeatureConfig, FeatureInfo, Stats
from reneta.training.formats import BF16
from reneta.training.models import Classifier, NetworkConfig

LABELS = ("yes", "no", "_silence_")


def save(path: Path, rnn_type: str = "LSTM", hard_tanh: bool = False) -> Path:
    """A checkpoint of a small random network."""
    config = NetworkConfig(rnn_type, True, 16, 20, thx=0.1, thh=0.05, number_format=BF16, hard_tanh=hard_tanh)
    torch.manual_seed(2)
    model = Classifier(config, len(LABELS))
    info = FeatureInfo(FeatureConfig(), Stats(-30.0, 20.0), LABELS)
    save_checkpoint(path, Checkpoint(config, LABELS, info, model.state_dict(), {}))
    return path


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return save(tmp_path / "best.pt")


def compiled(checkpoint: Path, *options: str) -> Path:
    out = checkpoint.parent / "image"
    assert cli.main([str(checkpoint), "--out", str(out), *options]) == 0
    return out


def refused(capsys: pytest.CaptureFixture[str], main: object, *arguments: str) -> str:
    """The one line with which a command refuses."""
    assert callable(main)
    assert main([*arguments]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "Traceback" not in line
    return line


def test_compile_writes_an_image(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One second by default, with the labels and features of the checkpoint."""
    out = compiled(checkpoint)
    network = ImageFolder.load(out, load_config("bf16_pe16")).manifest.network
    assert network.steps == 61
    assert network.labels == LABELS
    assert network.features is not None
    assert network.features["mean"] == -30.0
    assert [layer.name for layer in network.layers] == ["rnn.l0", "cl"]
    printed = capsys.readouterr().out
    assert "rnn.l0.w_hh" in printed
    assert "sequence 673" in printed


def test_compile_is_deterministic(checkpoint: Path, tmp_path: Path) -> None:
    out = compiled(checkpoint, "--train", "--steps", "9", "--config", "fxp16_pe8")
    assert (
        cli.main([str(checkpoint), *f"--out {tmp_path / 'b'} --train --steps 9 --config fxp16_pe8".split()])
        == 0
    )
    for file in out.iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_stages_are_dumped(checkpoint: Path, tmp_path: Path) -> None:
    out = compiled(checkpoint, "--steps", "5", "--dump", str(tmp_path / "stages"))
    network = json.loads((tmp_path / "stages" / "network.json").read_text())
    assert network["layers"][0]["parameters"]["w_ih"]["shape"] == [80, 16]
    rows = json.loads((tmp_path / "stages" / "quantisation.json").read_text())
    weights = torch.load(checkpoint, weights_only=True)["state_dict"]["rnn.weight_hh_l0"].double()
    errors = (weights - weights.bfloat16().double()).abs()
    row = next(row for row in rows if row["tensor"] == "rnn.l0.w_hh")
    assert row["largest_error"] == pytest.approx(float(errors.max()))
    assert row["rms_error"] == pytest.approx(float((errors**2).mean().sqrt()))
    assert (tmp_path / "stages" / "programs.txt").read_bytes() == (out / "program.txt").read_bytes()
    assert json.loads((tmp_path / "stages" / "plan.json").read_text())["tensors"][0]["name"] == "rnn.l0.wx"


def test_what_compile_refuses(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert "are required: --out" in refused(capsys, cli.main, str(checkpoint))
    assert "there is no such file" in refused(capsys, cli.main, "nothing.pt", "--out", out)
    assert "no kind of file" in refused(capsys, cli.main, str(checkpoint.parent), "--out", out)
    bad_config = refused(capsys, cli.main, str(checkpoint), "--out", out, "--config", "bf17")
    assert "bf17: no such configuration" in bad_config
    assert "--steps is 1 or more" in refused(capsys, cli.main, str(checkpoint), "--out", out, "--steps", "0")
    hard = save(tmp_path / "hard.pt", hard_tanh=True)
    assert "rnn: hard_tanh is not supported" in refused(capsys, cli.main, str(hard), "--out", out)
    gru = save(tmp_path / "gru.pt", "GRU")
    assert "takes LSTM layers only" in refused(capsys, cli.main, str(gru), "--out", out, "--train")
    assert "is no image folder" in refused(capsys, cli.main, str(checkpoint), "--out", str(checkpoint))
    assert not Path(out).exists()


def test_inspect_shows_what_there_is(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = compiled(checkpoint, "--steps", "7", "--train")
    capsys.readouterr()
    plots = [tmp_path / name for name in ("a.svg", "b.svg", "c.png")]
    for plot in plots:
        assert inspect.main([str(out), "--plot", str(plot)]) == 0
    printed = capsys.readouterr().out
    for text in ("rnn.l0.wh.grad", "SMEM, training", "MTXV_SP", "PE array busy", "forward: "):
        assert text in printed
    assert b"rnn.l0" in plots[0].read_bytes() or b"<svg" in plots[0].read_bytes()
    assert plots[0].read_bytes() == plots[1].read_bytes()
    assert plots[2].read_bytes().startswith(b"\x89PNG")


def test_figures_are_those_of_the_cycle_model(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = compiled(checkpoint, "--steps", "7")
    capsys.readouterr()
    assert inspect.main([str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    image = ImageFolder.load(out)
    machine = ImageMachine(image)
    machine.write("x", random_input(image))
    machine.run("begin")
    entry = image.sequence(7)
    wanted = predict(image.hw, executed(machine.machine, entry.address, entry.length))
    sequence = found["programs"]["sequence"]
    assert sequence["cycles"] == wanted
    for key in ("instructions", "operand_words", "dram_read"):
        assert sum(share[key] for share in sequence["shares"]) == sequence[key]
    # Behind the last work of the core results are on their way.
    assert wanted - 40 < sum(share["cycles"] for share in sequence["shares"]) <= wanted
    assert sequence["instructions"] == entry.length == sum(found["instructions"]["sequence"].values())
    assert 0 < sequence["sparsity"]["Δh"] < 1
    assert found["programs"]["stream"]["runs"] == 7


def test_silent_input_takes_less(checkpoint: Path) -> None:
    """What the figures are for: less that fires, fewer cycles and words."""
    image = ImageFolder.load(compiled(checkpoint, "--steps", "20"))
    busy = analyse(image, random_input(image))["sequence"]
    quiet = analyse(image, np.zeros((20, 16)))["sequence"]
    assert quiet.cycles < 0.8 * busy.cycles
    assert quiet.total.dram_read < 0.5 * busy.total.dram_read


def test_inspect_takes_features(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(compiled(checkpoint, "--steps", "7"))
    capsys.readouterr()
    file = tmp_path / "x.npy"
    np.save(file, np.ones((3, 16)))
    assert inspect.main([out, "--input", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == {"source": str(file), "steps": 3}
    np.save(file, np.ones((3, 15)))
    assert "features [steps, 16] are needed, not 3 x 15" in refused(
        capsys, inspect.main, out, "--input", str(file)
    )
    np.save(file, np.ones((8, 16)))
    assert "the image takes 1 to 7" in refused(capsys, inspect.main, out, "--input", str(file))
    file.write_text("1, 2, 3")
    assert "no .npy file" in refused(capsys, inspect.main, out, "--input", str(file))


def test_what_inspect_refuses(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = compiled(checkpoint, "--steps", "3")
    capsys.readouterr()
    assert "plots are .svg" in refused(capsys, inspect.main, str(out), "--plot", "map.gif")
    assert "--rate is above 0" in refused(capsys, inspect.main, str(out), "--rate", "0")
    assert "No such file" in refused(capsys, inspect.main, str(out.parent / "nothing"))


def test_an_image_whose_program_is_none(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever writes an image with right checksums and a wrong program gets a line, too."""
    out = compiled(checkpoint, "--steps", "3")
    capsys.readouterr()
    image = ImageFolder.load(out)
    address = image.entry("sequence").address
    image.dram[address + 7] ^= 0xF0
    image.write(out)
    assert "no instruction: bits" in refused(capsys, inspect.main, str(out))
    # A MOVE of a word from where there is no DRAM.
    image.dram[address + 7] ^= 0xF0
    image.dram[address + 19] = 0xFF
    image.write(out)
    assert "the machine stops: AXI" in refused(capsys, inspect.main, str(out))
