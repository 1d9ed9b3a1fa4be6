"""Two memories for the AXI4 master: cocotbext-axi's, and our own, which has an end and errors."""

from __future__ import annotations

from collections.abc import Mapping
from mmap import mmap

import numpy as np
from cocotbext.axi import AxiBus, AxiRam
from pyuvm import ConfigDB, uvm_component

from reneta.golden.arrays import U8
from reneta.verif.axi.channels import Resp
from reneta.verif.axi.memory import AxiMemory
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.hw import rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1.models import set_pauses, silence

PREFIX = "m_axi"
# More than any program needs; a small one, so that all of it can be compared.
RAM_BYTES = 1 << 20


class RamDram(uvm_component):
    """AxiRam: it drives the slave's side of all channels itself, and pauses them as profiles say."""

    def build_phase(self) -> None:
        """Make the memory."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        silence()
        bus = AxiBus.from_prefix(cfg.dut, PREFIX)
        self._bytes = mmap(-1, RAM_BYTES)
        ram = AxiRam(bus, cfg.dut.clk_i, cfg.dut.rst_ni, reset_active_level=False, mem=self._bytes)
        write, read = ram.write_if, ram.read_if
        self._channels = {
            "ar": read.ar_channel,
            "r": read.r_channel,
            "aw": write.aw_channel,
            "w": write.w_channel,
            "b": write.b_channel,
        }
        self._random = rng(self.get_full_name())

    def restart(self) -> None:
        """Nothing: it watches the reset."""

    def load(self, image: U8) -> None:
        """Put bytes at address 0 and zeros behind them."""
        self._bytes[:] = image.tobytes() + bytes(RAM_BYTES - len(image))

    def image(self, count: int) -> U8:
        """The first bytes.

        Raises:
            AssertionError: something was written behind them.
        """
        assert not any(self._bytes[count:]), f"DRAM was written behind byte 0x{count:x}"
        return np.frombuffer(self._bytes[:count], np.uint8)

    def set_stalls(self, channel: str, profile: Stall | str) -> None:
        """Change the profile of a channel."""
        set_pauses([self._channels[channel]], profile, self._random)


class FaultyDram(AxiMemory):
    """A DRAM of the size of what is loaded; `faults` are further answers, by byte address of the word."""

    def build_phase(self) -> None:
        """Begin without any bytes."""
        super().build_phase()
        self._size = 0
        self.faults: Mapping[int, Resp] = {}
        self.resp = self._resp

    def _resp(self, address: int) -> int:
        if address + self.word_bytes > self._size:
            return Resp.DECERR
        return self.faults.get(address, Resp.OKAY)

    def load(self, image: U8) -> None:
        """Put bytes at address 0; where they end, the memory ends."""
        self._size = len(image)
        padded = np.zeros(-(-len(image) // self.word_bytes) * self.word_bytes, np.uint8)
        padded[: len(image)] = image
        data, width = padded.tobytes(), self.word_bytes
        self.words = {
            at: int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width)
        }

    def image(self, count: int) -> U8:
        """The first bytes."""
        width = self.word_bytes
        words = (self.words[at].to_bytes(width, "little") for at in range(0, count, width))
        return np.frombuffer(b"".join(words), np.uint8)[:count]

    def set_stalls(self, channel: str, profile: Stall | str) -> None:
        """Change the profile of a channel."""
        getattr(self, channel).set_stalls(profile)
