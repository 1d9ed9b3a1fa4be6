"""The predicted cycles of drains against a few counts by hand; the environment of dtv1_ccm checks all."""

from __future__ import annotations

import numpy as np
import pytest

from reneta.golden.ccm_timing import Timing
from reneta.golden.ccm_types import CcmCfg, Proc
from reneta.golden.config import CONFIG_DIR, HwConfig, load_config

CONFIGS = [load_config(CONFIG_DIR / f"{name}.yaml") for name in ("bf16_pe16", "fxp16_pe8")]


def gradient(
    timing: Timing, groups: int, columns: list[int], base: int, drain: int = 1, steps: int = 1
) -> int:
    """Run a VXV_SP with these of 64 columns in each step; the cycle of its last operation."""
    sizes = {"cnt0": groups - 1, "cnt1": 63, "cnt2": steps - 1, "lanes": 0}
    cfg = CcmCfg(proc=Proc.VXV_SP, base=base, drain=drain, **sizes)
    return timing.run(cfg, [len(columns)] * steps, np.tile(np.repeat(columns, groups), steps))


def way_out(config: HwConfig) -> int:
    """From the last operation to the last of the words that are drained behind it, but for these words."""
    places_and_read, queue = 3, 2
    return config.mul_lat + config.add_lat + places_and_read + queue + config.act_lat


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
@pytest.mark.parametrize("groups", [1, 2, 3])
def test_lone_drain(config: HwConfig, groups: int) -> None:
    """A cycle a word, behind the last sum."""
    timing = Timing(config)
    last = gradient(timing, groups, list(range(20)), 0)
    assert last == timing.TO_DOOR + 20 * groups - 1
    assert timing.drained() == last + way_out(config) + 64 * groups


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_drain_in_the_shadow(config: HwConfig) -> None:
    """With two row groups neither the operations nor the drain lose a cycle; nor does the second drain."""
    timing = Timing(config)
    first = gradient(timing, 2, list(range(20)), 0)
    second = gradient(timing, 2, list(range(64)), 128, steps=2)
    assert second == first + 256
    assert timing.drained() == second + way_out(config) + 128


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_results_wait(config: HwConfig) -> None:
    """What gives a result leaves the door when the last word has been read."""
    timing = Timing(config)
    last = gradient(timing, 1, [0], 0)
    read = last + config.mul_lat + config.add_lat + 64
    assert timing.run(CcmCfg(proc=Proc.IDLE, cnt0=0, cnt1=0, cnt2=0, lanes=0), [], np.zeros(0)) == read + 1


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_same_words(config: HwConfig) -> None:
    """Operations on the words that are drained follow word by word, an odd number of cycles behind."""
    timing = Timing(config)
    first = gradient(timing, 2, list(range(64)), 0)
    second = gradient(timing, 2, list(range(64)), 0)
    sums = config.mul_lat + config.add_lat
    distance = sums + 1 if sums % 2 == 0 else sums + 2
    assert second == first + sums + 1 + distance + 127


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_same_bank(config: HwConfig) -> None:
    """Operations on one bank only lose one cycle in five as long as words of theirs are drained."""
    timing = Timing(config)
    first = gradient(timing, 1, list(range(20)), 0)
    second = gradient(timing, 1, list(range(0, 64, 2)), 64, drain=0, steps=8)
    assert second == first + 8 * 32 + 64 // 2


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.name)
def test_nothing_drained(config: HwConfig) -> None:
    """Without a drain there is no end of one."""
    timing = Timing(config)
    gradient(timing, 1, [0], 0, drain=0)
    with pytest.raises(ValueError, match="nothing was drained"):
        timing.drained()
