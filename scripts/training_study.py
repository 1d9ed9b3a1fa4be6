"""The studies whose results stand in docs/training.md, on the synthesised words.

    python -m reneta.scripts.training_study [sweep] [incremental]

sweep: LSTM and GRU of 128 units on ten words with silence and unknown, retrained as delta networks at several
thresholds, from three seeds. incremental: 20 of the 35 words, then 5 by 5, with the LSTM and the DeltaLSTM.
Networks that were trained before are not trained again; `make training-doc` writes the results into the page.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from reneta.golden.config import REPO
from reneta.scripts.make_examples import OPTIONS, make_data
from reneta.training import steps
from reneta.training.errors import TrainingError
from reneta.training.options import Options

SEEDS = (0, 1, 2)
SWEEP = replace(OPTIONS, step="sweep", bf16=False)
INCREMENTAL = replace(
    OPTIONS,
    step="incremental",
    bf16=False,
    words="all",
    data_dir=REPO / "build/data/gscdv2_small",
    out_dir=REPO / "build/training_all",
    num_utterances=300,
    lr_retrain=0.0,
    thx=0.1,
    thh=0.1,
    num_exemplars=1000,
    epochs_pretrain=40,
    epochs_retrain=12,
)
STUDIES: dict[str, tuple[Options, ...]] = {
    "sweep": tuple(replace(SWEEP, seed=seed) for seed in SEEDS),
    "incremental": (INCREMENTAL,),
}


def results(study: str) -> list[Path]:
    """The study's result files, as far as they are there."""
    name = {"sweep": "results.json", "incremental": "study.json"}[study]
    return sorted(STUDIES[study][0].data.result_dir.glob(f"{study}/*/{name}"))


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="training_study", description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="*", choices=[[], *STUDIES], help="which ones; all if none is named")
    args = parser.parse_args(argv)
    try:
        for study in args.studies or STUDIES:
            for options in STUDIES[study]:
                make_data(options)
                steps.run(options)
    except TrainingError as error:
        print(f"training_study: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
