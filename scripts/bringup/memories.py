"""The machine's own memories, and its way to DRAM: words and descriptors there and back by its own moves."""

from __future__ import annotations

import numpy as np

from reneta.compiler.image import move_descriptors, moves, place_programs, stores
from reneta.golden import registers as regs
from reneta.scripts.bringup.bench import Bench, same


def smem(bench: Bench) -> str:
    """Random words go from DRAM to all of SMEM by one program, and back to another place by the next."""
    hw = bench.device.hw
    size = hw.smem_words * hw.word_bytes
    data = bench.rng.integers(0, 256, size, np.uint8)
    programs = [[*moves(hw, hw.smem_words, 0, 0)], [*stores(hw, hw.smem_words, 0, size)]]
    image, entries = place_programs(hw, programs, [(0, data)], 2 * size)
    bench.ready()
    found = bench.run(image, entries, "SMEM")
    same(found[size : 2 * size], data, "SMEM by moves", size)
    return f"{hw.smem_words} words of {hw.word_bytes} bytes"


def spm(bench: Bench) -> str:
    """Descriptors by the host's window to DRAM, others from there to the window."""
    hw, device = bench.device.hw, bench.device
    size = -(-4 * hw.max_m // hw.word_bytes) * hw.word_bytes
    ours, theirs = (bench.rng.integers(0, 1 << hw.desc_w, (2, hw.max_m), np.uint32) for _ in range(2))
    windows = [
        [regs.SPM_BASE + 4 * (which << hw.step_w | step) for step in range(hw.max_m)] for which in range(2)
    ]
    program = [
        move_descriptors(hw, which, (2 * int(not store) + which) * size, store)
        for store in (True, False)
        for which in range(2)
    ]
    data = [((2 + which) * size, theirs[which]) for which in range(2)]
    image, entries = place_programs(hw, [program], data, 4 * size)
    bench.ready()
    for which, window in enumerate(windows):
        for address, value in zip(window, ours[which].tolist(), strict=True):
            device.write_register(address, value)
    found = bench.run(image, entries, "SPM")
    for which, window in enumerate(windows):
        there = found[which * size :][: 4 * hw.max_m]
        same(there, ours[which].view(np.uint8), f"list {which}, window to DRAM", which * size)
        back = np.array([device.read_register(address) for address in window], np.uint32)
        same(back.view(np.uint8), theirs[which].view(np.uint8), f"list {which}, DRAM to window")
    return f"2 lists of {hw.max_m} descriptors"
