"""The steps of `reneta train`, in their order, and the studies."""

from __future__ import annotations

from collections.abc import Callable

from reneta.training import incremental, networks, sweep
from reneta.training.data import steps as data_steps
from reneta.training.data.options import DataOptions
from reneta.training.distributed import Place, joined
from reneta.training.log import console
from reneta.training.options import STEPS, Options
from reneta.training.report import print_tests

Step = Callable[[Options, Place], object]


def run(options: Options) -> None:
    """Run the step, and those that follow it if so wanted.

    Raises:
        TrainingError: something the user can put right.
    """
    names: tuple[str, ...] = (options.step,)
    if options.run_through and options.step in STEPS:
        names = STEPS[STEPS.index(options.step) :]
    with joined(options.use_cuda) as place:
        for name in names:
            _STEPS[name](options, place)


def _by_one(make: Callable[[DataOptions], None]) -> Step:
    """A step that makes data: process 0 does it, the others wait."""

    def step(options: Options, place: Place) -> None:
        if place.is_main:
            make(options.data)
        place.wait()

    return step


def _trained(usual: Step) -> Step:
    """A step that trains a network, or a stage of incremental learning."""

    def step(options: Options, place: Place) -> None:
        if options.il_mode:
            incremental.learn(options, place)
        else:
            usual(options, place)

    return step


def _test(options: Options, place: Place) -> None:
    results = networks.test(options, place)
    print_tests(results, console(place.is_main))


_STEPS: dict[str, Step] = {
    "synthesize": _by_one(data_steps.synthesize),
    "prepare": _by_one(data_steps.prepare),
    "feature": _by_one(data_steps.features),
    "pretrain": _trained(networks.pretrain),
    "retrain": _trained(networks.retrain),
    "test": _test,
    "sweep": sweep.sweep,
    "incremental": incremental.study,
}
