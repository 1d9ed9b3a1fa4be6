"""Bring-up: every test passes on the golden machine and on the RTL, and fails on machines that are broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from reneta.compiler.compile import compile_network
from reneta.compiler.frontends.module import from_module
from reneta.compiler.network import Network
from reneta.golden import registers as regs
from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig, load_config
from reneta.golden.registers import Reg
from reneta.scripts.bringup import main as bringup
from reneta.scripts.bringup.bench import Bench
from reneta.sw_driver.device import Device
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.devices.golden import GoldenDevice
from reneta.sw_driver.fast_sim import FastSim, build_library

DRAM_BYTES = 1 << 20
HW = load_config("bf16_pe4")


def golden() -> Device:
    """The golden machine."""
    return GoldenDevice(HW, DRAM_BYTES)


def rtl() -> Device:
    """The chip with its assertions, as the driver's tests have it."""
    return FastSimDevice(FastSim(build_library(HW, asserts=True), DRAM_BYTES))


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Device], None]:
    """Let the command open this device."""

    def replace(device: Device) -> None:
        monkeypatch.setattr(bringup, "open_device", lambda _: device)

    return replace


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of two layers and a classifier, in an image folder."""
    layers = from_module(nn.Sequential(nn.LSTM(5, 7), nn.GRU(7, 6), nn.Linear(6, 3))).layers
    folder = tmp_path_factory.mktemp("image") / "image"
    compile_network(Network(layers), HW, steps=4).image.write(folder)
    return folder


@pytest.mark.parametrize("make", [golden, rtl])
def test_everything_passes(
    make: Callable[[], Device],
    use: Callable[[Device], None],
    image: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    device = make()
    use(device)
    report = tmp_path / "deep" / "report.json"
    options = ["--config", "bf16_pe4", "--image", str(image), "--soak", "0", "--report", str(report)]
    assert bringup.main(options) == 0
    data = json.loads(report.read_text(encoding="utf-8"))
    assert data["device"] == device.name
    assert data["passed"]
    assert [test["test"] for test in data["tests"]] == list(bringup.TESTS)
    parts = data["tests"][-1]["parts"]
    assert "inference" in parts
    assert all(part["runs"] == 1 for part in parts.values())
    assert "FAILED" not in capsys.readouterr().out


class ShortAddress(GoldenDevice):
    """A DRAM without its last address bit: both halves are the same bytes."""

    def write_dram(self, address: int, data: bytes | Array) -> None:
        super().write_dram(address, data)
        self.machine.dram[: DRAM_BYTES // 2] = self.machine.dram[DRAM_BYTES // 2 :]


class StuckBit(GoldenDevice):
    """A register with a bit that is always zero."""

    def read_register(self, address: int) -> int:
        value = super().read_register(address)
        return value & ~0x100 if address == Reg.PROG_LEN else value


class Crosstalk(GoldenDevice):
    """A register that another one is written to as well."""

    def write_register(self, address: int, value: int) -> None:
        super().write_register(address, value)
        if address == Reg.PROG_ADDR:
            super().write_register(Reg.PROG_LEN, value & 0x40)


class LostDescriptor(GoldenDevice):
    """A descriptor memory that has lost its last address bit on the host's side."""

    def write_register(self, address: int, value: int) -> None:
        super().write_register(address & ~4 if address >= regs.SPM_BASE else address, value)


class Forgetful(GoldenDevice):
    """A machine that loses a memory's contents whenever a program starts."""

    lost: Callable[[GoldenDevice], Array]

    def write_register(self, address: int, value: int) -> None:
        if address == Reg.CTRL and value == regs.CTRL_START.bit:
            type(self).lost(self)[1] = 0
        super().write_register(address, value)


class ForgetfulSmem(Forgetful):
    """It loses a word of SMEM."""

    lost = staticmethod(lambda device: device.machine.smem)


class ForgetfulSpm(Forgetful):
    """It loses a list's descriptors."""

    lost = staticmethod(lambda device: device.machine.spm)


class WrongSum(GoldenDevice):
    """A machine whose results in DRAM have a wrong byte behind each program."""

    def wait_interrupt(self, timeout_s: float) -> None:
        super().wait_interrupt(timeout_s)
        self.machine.dram[40] += 1


class Miscounting(GoldenDevice):
    """A machine with a counter that is one too high."""

    def read_register(self, address: int) -> int:
        return super().read_register(address) + int(address == Reg.MAC_LO)


class Deaf(GoldenDevice):
    """A machine whose interrupt nobody hears."""

    def wait_interrupt(self, timeout_s: float) -> None:
        self.write_register(Reg.IRQ_STATUS, self.read_register(Reg.IRQ_STATUS))
        super().wait_interrupt(timeout_s)


@pytest.mark.parametrize(
    ("kind", "test", "says"),
    [
        (ShortAddress, "dram", "DRAM, addresses: "),
        (StuckBit, "registers", "register PROG_LEN holds 0xfffffeff, wanted 0xffffffff"),
        (Crosstalk, "registers", "register PROG_LEN holds 0x00000040, wanted 0x00000000"),
        (LostDescriptor, "registers", "register at 0x8000 holds"),
        (ForgetfulSmem, "smem", "SMEM by moves: "),
        (ForgetfulSpm, "spm", "list 1, window to DRAM: "),
        (WrongSum, "procedures", "MXV: 1 of "),
        (Deaf, "smem", "no interrupt within 0.1 s"),
        (Deaf, "procedures", "MXV: golden bf16_pe4: no interrupt within 0.1 s"),
        (WrongSum, "soak", "round 1: MXV: 1 of "),
        (WrongSum, "inference", "DRAM behind a sequence: 1 of "),
        (Miscounting, "inference", "a sequence: counter mac is "),
    ],
)
def test_what_is_broken_is_found(kind: type[GoldenDevice], test: str, says: str, image: Path) -> None:
    device = kind(HW, DRAM_BYTES)
    bench = Bench(device, np.random.default_rng(1), image=image, timeout_s=0.1, soak_s=0)
    result = bringup.run_test(bench, test)
    assert not result.passed
    assert says in result.text
    assert "\n" not in result.text


def test_another_machine_than_the_one_wanted() -> None:
    other: HwConfig = HW.model_copy(update={"name": "other", "smem_words": 1024})
    result = bringup.run_test(Bench(golden(), np.random.default_rng(1), other), "identify")
    assert not result.passed
    assert "smem_words is 32768, not 1024" in result.text


def test_an_image_for_another_machine(image: Path) -> None:
    bench = Bench(GoldenDevice(load_config("fxp16_pe4"), DRAM_BYTES), np.random.default_rng(1), image=image)
    for test in ("identify", "inference"):
        result = bringup.run_test(bench, test)
        assert not result.passed
        assert "is not the machine of configuration bf16_pe4: format is fxp16, not bf16" in result.text
    nowhere = Bench(golden(), np.random.default_rng(1), image=image / "else")
    assert "reneta compile makes image folders" in bringup.run_test(nowhere, "inference").text


def test_a_small_dram_is_told() -> None:
    bench = Bench(GoldenDevice(HW, 4096), np.random.default_rng(1))
    result = bringup.run_test(bench, "smem")
    assert not result.passed
    assert result.text.startswith("SMEM takes ")


def test_a_failure_ends_the_run_unless_all(
    use: Callable[[Device], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    for more, ran in ((), ["registers"]), (("--all",), ["registers", "spm"]):
        use(StuckBit(HW, DRAM_BYTES))
        assert bringup.main(["registers", "spm", "--report", str(report), *more]) == 1
        data = json.loads(report.read_text(encoding="utf-8"))
        assert not data["passed"]
        assert [test["test"] for test in data["tests"]] == ran
        assert data["left_out"] == ["spm"][len(ran) - 1 :]
    assert "FAILED" in capsys.readouterr().out


def test_an_interrupted_run_has_a_report(
    use: Callable[[Device], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupted(_: Bench) -> tuple[str, bringup.Detail]:
        raise KeyboardInterrupt

    use(golden())
    monkeypatch.setitem(bringup.TESTS, "smem", interrupted)
    report = tmp_path / "report.json"
    assert bringup.main(["identify", "smem", "spm", "--report", str(report)]) == 130
    data = json.loads(report.read_text(encoding="utf-8"))
    assert not data["passed"]
    assert [test["test"] for test in data["tests"]] == ["identify"]
    assert data["left_out"] == ["smem", "spm"]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["smen"], "there is no test 'smen'; there are: identify"),
        (["inference"], "the test inference needs an image folder; give --image"),
        (["--config", "bf16_pe5"], "bf16_pe5: no such configuration"),
        (["--device", "devmem"], "--device devmem needs --address"),
        (["--device", "pynq"], "--device pynq needs --bitstream"),
        (["--device", "uio", "--uio", "/dev/uio77"], "is /dev/uio77 there"),
        (["--dram-bytes", "1000"], "a DRAM of 1000 bytes; --dram-bytes must be a multiple of 32"),
    ],
)
def test_what_cannot_begin_is_one_line(
    argv: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bringup.main(argv) == 2
    line = capsys.readouterr().err
    assert line.startswith("reneta bringup: ")
    assert says in line
    assert line.count("\n") == 1
