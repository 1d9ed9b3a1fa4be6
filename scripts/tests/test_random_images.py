"""A few random networks on the RTL; that a difference is seen."""

from __future__ import annotations

from functools import partial

import pytest

from reneta.compiler.image_folder import ImageFolder
from reneta.compiler.image_machine import ImageMachine
from reneta.compiler.random_models import DifferenceError, check_random
from reneta.golden.config import load_config
from reneta.scripts import random_images
from reneta.scripts.random_images import ImageChip
from reneta.sw_driver.fast_sim import build_library


def test_random_networks_on_the_chip() -> None:
    """With the assertions of the design; the same library as the driver's tests."""
    hw = load_config("bf16_pe4")
    library = build_library(hw, asserts=True)
    models = [
        check_random(hw, seed, 24, partial(ImageChip, library=library, seed=seed)) for seed in (0, 2, 3)
    ]
    assert {model.train for model in models} == {False, True}


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert random_images.main(["--golden", "--count", "2", "--largest", "20", "--config", "fxp16_pe8"]) == 0
    assert capsys.readouterr().out.count(": equal\n") == 2
    assert random_images.main(["--config", "bf17"]) == 2


def test_a_difference_ends_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty(ImageMachine):
        def run_at(self, address: int, length: int) -> None:
            super().run_at(address, length)
            logits = self.image.tensor("logits")
            self.dram[logits.address] ^= 1

    def load(image: ImageFolder) -> Faulty:
        return Faulty(image)

    with pytest.raises(DifferenceError, match=r"seed 1, bf16_pe16, .*: logits, element \[0\]"):
        check_random(load_config("bf16_pe16"), 1, 20, load)
    monkeypatch.setattr(random_images, "ImageMachine", Faulty)
    assert random_images.main(["--golden", "--count", "1", "--largest", "20"]) == 1
    assert "random_images: seed 1" in capsys.readouterr().err
