"""A process of a distributed run: `reneta train` with the options given; this process's weights to a file.

python -m torch.distributed.run --nproc_per_node 2 distributed_worker.py FOLDER OPTIONS
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import torch

from reneta.training import cli, networks, trainer
from reneta.training.models import Classifier


def main() -> int:
    """Train; weights of process n to FOLDER/rank-n.pt."""
    torch.set_num_threads(1)

    def train(model: Classifier, *rest: Any) -> None:
        trainer.train(model, *rest)
        torch.save(model.state_dict(), Path(sys.argv[1]) / f"rank-{os.environ['RANK']}.pt")

    vars(networks)["train"] = train
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
