"""The host: an agent of the AXI4-Lite port, and the model of the registers that keep what was written."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import NamedTuple

import cocotb
from cocotb.task import Task
from cocotbext.axi import AxiLiteBus, AxiLiteMaster
from pyuvm import (
    ConfigDB,
    uvm_agent,
    uvm_analysis_port,
    uvm_component,
    uvm_driver,
    uvm_sequence,
    uvm_sequence_item,
)

from reneta.golden import registers as regs
from reneta.golden.config import HwConfig
from reneta.golden.registers import Reg
from reneta.verif.common.analysis import AnalysisImp, Predictor
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_driver import StreamSequencer
from reneta.verif.dtv1.models import set_pauses, silence

PREFIX = "s_axil"
CHANNELS = {
    "aw": ("addr", "prot"),
    "w": ("data", "strb"),
    "b": ("resp",),
    "ar": ("addr", "prot"),
    "r": ("data", "resp"),
}
WORD_BYTES = 4
FULL = (1 << WORD_BYTES) - 1


class Access(NamedTuple):
    """A register access as it was on the bus.

    Attributes:
        write: whether it is one.
        address: in bytes.
        data: written or read.
        strobes: bytes that are written.
        resp: the answer.
    """

    write: bool
    address: int
    data: int
    strobes: int
    resp: int


class AccessItem(uvm_sequence_item):
    """An access to be done; `data` is None for a read until it is done."""

    def __init__(self, address: int, data: bytes | None) -> None:
        """Args: byte address; what to write there, or None to read a word."""
        super().__init__("access")
        self.address = address
        self.write = data is not None
        self.data = data


class AccessSequence(uvm_sequence):
    """One access."""

    def __init__(self, item: AccessItem) -> None:
        """Args: the access."""
        super().__init__("access_sequence")
        self._item = item

    async def body(self) -> None:
        """Do it."""
        await self.start_item(self._item)
        await self.finish_item(self._item)


class HostDriver(uvm_driver):
    """Carries out accesses one after another with cocotbext-axi's master."""

    def build_phase(self) -> None:
        """Make the master."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        silence()
        bus = AxiLiteBus.from_prefix(cfg.dut, PREFIX)
        self._master = AxiLiteMaster(bus, cfg.dut.clk_i, cfg.dut.rst_ni, reset_active_level=False)
        write, read = self._master.write_if, self._master.read_if
        self._channels = (
            write.aw_channel,
            write.w_channel,
            write.b_channel,
            read.ar_channel,
            read.r_channel,
        )
        self._random = rng(self.get_full_name())
        self._task: Task[None] | None = None

    async def run_phase(self) -> None:
        """Begin to serve the sequencer."""
        self.flush()

    def set_stalls(self, profile: Stall | str) -> None:
        """Change the profile of all channels."""
        set_pauses(self._channels, profile, self._random)

    def flush(self) -> None:
        """Forget the access that is under way."""
        if self._task is not None:
            self._task.cancel()
        self._task = cocotb.start_soon(self._serve())

    async def _serve(self) -> None:
        while True:
            item = await self.seq_item_port.get_next_item()
            if item.write:
                await self._master.write(item.address, item.data)
            else:
                item.data = bytes((await self._master.read(item.address, WORD_BYTES)).data)
            self.seq_item_port.item_done()


class HostMonitor(uvm_component):
    """Makes accesses of the beats of the five channels; `ap` publishes them when they are answered."""

    def build_phase(self) -> None:
        """Make the inputs, by channel, and the output."""
        self.ap = uvm_analysis_port("ap", self)
        self._beats: dict[str, deque[Beat]] = {name: deque() for name in CHANNELS}
        self.inputs = {name: AnalysisImp(f"{name}_in", self, partial(self._take, name)) for name in CHANNELS}

    def flush(self) -> None:
        """Forget what is under way."""
        for beats in self._beats.values():
            beats.clear()

    def _take(self, channel: str, beat: Beat) -> None:
        self._beats[channel].append(beat)
        if channel == "r":
            (address, _), (data, resp) = (self._beats[name].popleft() for name in ("ar", "r"))
            self.ap.write(Access(False, address, data, 0, resp))
        elif channel == "b":
            (address, _), (data, strobes), (resp,) = (
                self._beats[name].popleft() for name in ("aw", "w", "b")
            )
            self.ap.write(Access(True, address, data, strobes, resp))


class HostAgent(uvm_agent):
    """Sequencer, driver and monitor; `read` and `write` are what tests use."""

    def build_phase(self) -> None:
        """Make the parts."""
        self.sequencer = StreamSequencer.create("sequencer", self)
        self.driver = HostDriver.create("driver", self)
        self.monitor = HostMonitor.create("monitor", self)

    def connect_phase(self) -> None:
        """Connect driver and sequencer."""
        self.ap = self.monitor.ap
        self.driver.seq_item_port.connect(self.sequencer.seq_item_export)

    def flush(self) -> None:
        """Forget everything in flight; cancel the tasks that access registers first."""
        self.sequencer.flush()
        self.driver.flush()
        self.monitor.flush()

    async def read(self, address: int) -> int:
        """Read a word."""
        item = AccessItem(address, None)
        await AccessSequence(item).start(self.sequencer)
        assert item.data is not None
        return int.from_bytes(item.data, "little")

    async def write(self, address: int, value: int) -> None:
        """Write a word."""
        await self.write_bytes(address, value.to_bytes(WORD_BYTES, "little"))

    async def write_bytes(self, address: int, data: bytes) -> None:
        """Write some bytes of one word."""
        await AccessSequence(AccessItem(address, data)).start(self.sequencer)


def constants(hw: HwConfig) -> dict[int, int]:
    """What the registers hold that tell what was built."""
    arith = regs.ARITH_NUM_PE.bit * hw.num_pe + regs.ARITH_FP.bit * hw.is_fp
    # They say nothing in a build for bf16.
    arith += regs.ARITH_ACT_FRAC.bit * hw.fxp_act_frac + regs.ARITH_WEIGHT_FRAC.bit * hw.fxp_weight_frac
    version = regs.VERSION_MAJOR_VALUE * regs.VERSION_MAJOR.bit + regs.VERSION_MINOR_VALUE
    return {
        Reg.ID: regs.ID_ID_VALUE,
        Reg.VERSION: version,
        Reg.ARITH: arith,
        Reg.SIZES: regs.SIZES_MAX_N.bit * hw.max_n + regs.SIZES_MAX_M.bit * hw.max_m,
        Reg.SMEM_SIZE: hw.smem_words,
        Reg.ACC_SIZE: hw.acc_words,
        Reg.CTRL: 0,
    }


class RegisterModel(Predictor):
    """Predicts reads of all registers that only the host changes, and of addresses without any.

    `ap` has (address, data) as they should be, `seen` as they were. Registers that the machine changes are
    for the tests to judge; IRQ_STATUS is among them.
    """

    _KEPT = (Reg.PROG_ADDR, Reg.PROG_LEN, Reg.IRQ_ENABLE)
    _IRQS = 0xF

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.seen = uvm_analysis_port("seen", self)
        self._constants = constants(cfg.hw)
        self._machine = {reg for reg in Reg if reg not in self._KEPT and reg not in self._constants}
        self._spm_end = regs.SPM_BASE + WORD_BYTES * (2 << cfg.hw.step_w)
        self.reset()

    def reset(self) -> None:
        """All registers hold zero."""
        self._values: dict[int, int] = dict.fromkeys(self._KEPT, 0)

    def write(self, access: Access) -> None:
        """Take an access.

        Raises:
            AssertionError: it was answered with an error.
        """
        assert access.resp == 0, f"{access} was answered with an error"
        place = access.address & ~(WORD_BYTES - 1)
        if access.write:
            if place in self._KEPT:
                mask = sum(0xFF << 8 * k for k in range(WORD_BYTES) if access.strobes >> k & 1)
                kept = self._IRQS if place == Reg.IRQ_ENABLE else (1 << 8 * WORD_BYTES) - 1
                self._values[place] = (self._values[place] & ~mask | access.data & mask) & kept
            return
        if place in self._machine or regs.SPM_BASE <= place < self._spm_end:
            return
        expected = self._values.get(place, self._constants.get(place, 0))
        self.ap.write((place, expected))
        self.seen.write((place, access.data))
