"""The study over thresholds: a pretrained network, retrained at each of them and tested.

Every network is a run of its own, as by --step pretrain and retrain, so a sweep that was stopped goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from reneta.training import networks
from reneta.training.distributed import Place
from reneta.training.log import console, say
from reneta.training.models import NetworkConfig
from reneta.training.networks import DELTA, Tested
from reneta.training.options import Options
from reneta.training.report import HEADINGS


@dataclass(frozen=True)
class Point:
    """A network of the sweep.

    Attributes:
        rnn_type: kind of its layers.
        threshold: of inputs and hidden states; None: the pretrained network.
        tested: what the test gave.
    """

    rnn_type: str
    threshold: float | None
    tested: Tested

    @property
    def name(self) -> str:
        """Kind of its layers: LSTM or DeltaLSTM."""
        return f"Delta{self.rnn_type}" if self.tested.checkpoint.config.delta else self.rnn_type


def sweep(options: Options, place: Place) -> list[Point]:
    """Train, test, and write results.json, table.md and the figure of all networks.

    Raises:
        TrainingError: there are no features, or a run cannot go on.
    """
    info, data = networks.load_features(options), networks.load_set(options, "test")
    points: list[Point] = []
    for rnn_type in options.rnn_types:
        chosen = replace(options, rnn_type=rnn_type, model_retrain=DELTA)
        start = options.path_net_pretrain or networks.pretrain(chosen, place)
        points.append(Point(rnn_type, None, networks.tested(start, data, info, chosen, place)))
        for threshold in sorted(set(options.thresholds)):
            here = replace(chosen, thx=threshold, thh=threshold, path_net_pretrain=start)
            path = networks.retrain(here, place)
            points.append(Point(rnn_type, threshold, networks.tested(path, data, info, here, place)))
    if place.is_main:
        folder = sweep_folder(options, info.config.filters)
        _write(points, folder)
        say(
            console(place.is_main),
            f"{table(points)}\nwritten to {folder}: results.json, table.md, sweep.png, .svg",
        )
    return points


def sweep_folder(options: Options, inputs: int) -> Path:
    """Where the results of a sweep come to lie: named by what all its networks share."""
    config = NetworkConfig.of(options, True, inputs)
    parts = [f"{config.rnn_layers}x{config.rnn_size}", *config.roundings, f"s{options.seed}"]
    return options.data.result_dir / "sweep" / "-".join(parts)


def table(points: list[Point]) -> str:
    """The results as a Markdown table."""
    headings = ["network", "θ", "accuracy", *HEADINGS.values()]
    rows = [headings, ["---"] * 2 + ["---:"] * (len(headings) - 2)]
    for point in points:
        threshold = "-" if point.threshold is None else f"{point.threshold:g}"
        shares = (point.tested.found.shares.get(name) for name in HEADINGS)
        cells = ("-" if share is None else f"{share:.1%}" for share in shares)
        rows.append([point.name, threshold, f"{point.tested.found.accuracy:.2%}", *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _write(points: list[Point], folder: Path) -> None:
    # What only trains and tests does not wait for matplotlib.
    from reneta.training.plots import save_figure, sweep_figure

    results = [
        {"rnn_type": point.rnn_type, "threshold": point.threshold, **networks.summary(point.tested)}
        for point in points
    ]
    networks.write_json(folder / "results.json", results)
    networks.write_text(folder / "table.md", table(points) + "\n")
    plain = {p.rnn_type: p.tested.found.accuracy for p in points if p.threshold is None}
    delta = {
        name: [
            (p.threshold, p.tested.found.metrics)
            for p in points
            if p.rnn_type == name and p.threshold is not None
        ]
        for name in plain
    }
    save_figure(sweep_figure(plain, delta), folder / "sweep")
