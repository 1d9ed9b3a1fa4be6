"""Plays the descriptor memory, and predicts what the host's window must answer."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port, uvm_subscriber

from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.hw import rng
from reneta.verif.dtv1_ctl.ports import Ports


class Access(NamedTuple):
    """An access of the host: its word in the window, whether it writes, what it reads."""

    word: int
    write: bool
    data: int


class DescriptorMemory(uvm_subscriber):
    """Keeps DESC_W bits of each word; ready as it likes; the answer is there in the cycle after a read only.

    Attributes:
        words: contents, random to begin with.
        lazy: probability of a cycle in which it takes no access.
    """

    def build_phase(self) -> None:
        """Look up the handles."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut, hw = cfg.dut, cfg.hw
        self.random = rng(self.get_full_name())
        self.mask = (1 << hw.desc_w) - 1
        self.words = [self.random.getrandbits(hw.desc_w) for _ in range(2 << hw.step_w)]
        self.lazy = 0.2
        self.restart()

    def restart(self) -> None:
        """No answer is owed."""
        self._drive(None)

    def write(self, ports: Ports) -> None:
        """One cycle."""
        answer = None
        if ports.spm_valid_o and ports.spm_ready_i:
            address = int(self.dut.spm_addr_o.value)
            if ports.spm_we_o:
                bytes_ = int(self.dut.spm_be_o.value)
                mask = sum(0xFF << 8 * byte for byte in range(4) if bytes_ >> byte & 1) & self.mask
                self.words[address] = self.words[address] & ~mask | int(self.dut.spm_wdata_o.value) & mask
            else:
                answer = self.words[address]
        self._drive(answer)

    def _drive(self, answer: int | None) -> None:
        self.dut.spm_rdata_i.value = self.random.getrandbits(32) if answer is None else answer
        self.dut.spm_ready_i.value = int(self.random.random() >= self.lazy)


class Window(uvm_subscriber):
    """Watches the host's port: `asked` announces what each access must give, `answered` what it gave."""

    memory: DescriptorMemory

    def build_phase(self) -> None:
        """Look up the configuration; the host owns the steps of the upper half."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut, self.hw = cfg.dut, cfg.hw
        self.asked = uvm_analysis_port("asked", self)
        self.answered = uvm_analysis_port("answered", self)

    def restart(self) -> None:
        """Forget what waits, and take over what the memory holds."""
        self._waiting: deque[Access] = deque()
        self.words = list(self.memory.words)

    def write(self, ports: Ports) -> None:
        """One cycle: an answer, then a request."""
        if ports.host_rd_ack_o or ports.host_wr_ack_o:
            assert self._waiting, "an acknowledgement that nobody waits for"
            index, write, _ = self._waiting.popleft()
            assert not (ports.host_rd_ack_o and ports.host_wr_ack_o), "two acknowledgements at once"
            data = 0 if write else int(self.dut.host_rd_data_o.value)
            self.answered.write(Access(index, bool(ports.host_wr_ack_o), data))
        if ports.host_req_i:
            access = self._predict()
            self._waiting.append(access)
            self.asked.write(access)

    def _predict(self) -> Access:
        dut, index = self.dut, int(self.dut.host_addr_i.value) >> 2
        inside = index < len(self.words)
        if not int(dut.host_is_wr_i.value):
            return Access(index, False, self.words[index] if inside else 0)
        if inside:
            mask = int(dut.host_biten_i.value) & (1 << self.hw.desc_w) - 1
            self.words[index] = self.words[index] & ~mask | int(dut.host_data_i.value) & mask
        return Access(index, True, 0)
