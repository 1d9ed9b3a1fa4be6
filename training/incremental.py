"""Class-incremental learning: some classes first, then a few more in each stage, with little kept of the old.

Each stage is a run: its network begins with that of the stage before, and learns from all utterances of the
new classes and the exemplars of the old ones (icarl.py). Source of the set-up: Chen et al., "Exploiting
Symmetric Temporally Sparse BPTT for Efficient RNN Training", AAAI 2024.
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reneta.training import icarl, networks
from reneta.training.batches import Batches, mixed
from reneta.training.checkpoint import Checkpoint, build_classifier, load_checkpoint
from reneta.training.data.feature_config import FeatureInfo
from reneta.training.data.feature_set import FeatureSet
from reneta.training.data.files import replaced_file
from reneta.training.distributed import Place
from reneta.training.errors import TrainingError
from reneta.training.evaluation import evaluate
from reneta.training.log import console, say
from reneta.training.models import Classifier, NetworkConfig
from reneta.training.networks import DELTA
from reneta.training.options import Options
from reneta.training.trainer import BEST, Job, Objective, recognition, train

EXEMPLARS, RESULT = "exemplars.json", "result.json"


@dataclass(frozen=True)
class Stage:
    """What a stage gave.

    Attributes:
        network: name of the network.
        delta: whether it is a delta network.
        classes: number of classes learned so far.
        accuracy: of the nearest mean of exemplars, on the test utterances of these classes.
        accuracy_logits: of the network's own logits.
        shares: sparsity and saved operations; empty without delta layers.
    """

    network: str
    delta: bool
    classes: int
    accuracy: float
    accuracy_logits: float
    shares: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers and strings, flat."""
        content = {name: value for name, value in vars(self).items() if name != "shares"}
        return {**content, **self.shares}


def class_order(info: FeatureInfo, seed: int) -> tuple[int, ...]:
    """Order in which classes are learned: indices into the labels; it depends on the seed only."""
    generator = torch.Generator().manual_seed(mixed(seed, 0, 3))
    return tuple(torch.randperm(len(info.labels), generator=generator).tolist())


def learn(options: Options, place: Place) -> Stage:
    """One stage: learn num_new_classes on top of num_learned_classes.

    Raises:
        TrainingError: there are not so many classes, the stage before is missing or has other ones, there are
            no features, or the run cannot go on.
    """
    return _Learning(options, place).run()


def study(options: Options, place: Place) -> list[Stage]:
    """All stages, of the plain network and of the delta network that begins with its first stage.

    Writes a JSON file, a CSV file and a figure.

    Raises:
        TrainingError: as of `learn`.
    """
    info = networks.load_features(options)
    _check_count(options.il_stages[-1], "--il_stages", info)
    found: list[Stage] = []
    for model in ("cla-rnn", DELTA):
        step = "retrain" if model == DELTA else "pretrain"
        known = 0
        for classes in options.il_stages:
            found.append(
                learn(
                    replace(
                        options,
                        step=step,
                        il_mode=True,
                        model_pretrain="cla-rnn",
                        model_retrain=model,
                        num_learned_classes=known,
                        num_new_classes=classes - known,
                    ),
                    place,
                )
            )
            step, known = "retrain", classes
    if place.is_main:
        _write_study(found, stage_folder(options, True, info, 0).parent)
    return found


def stage_folder(options: Options, delta: bool, info: FeatureInfo, classes: int) -> Path:
    """Folder of the stage after which so many classes are known."""
    config = NetworkConfig.of(options, delta, info.config.filters)
    return networks.run_folder(options, "incremental", config) / str(classes)


class _Learning:
    """One stage."""

    def __init__(self, options: Options, place: Place) -> None:
        self.options, self.place = options, place
        self.info = networks.load_features(options)
        self.known = options.num_learned_classes
        self.classes = self.known + options.num_new_classes
        _check_count(self.classes, "--num_learned_classes and --num_new_classes", self.info)
        if options.num_exemplars < self.classes:
            raise TrainingError(
                f"--num_exemplars {options.num_exemplars} are less than the {self.classes} classes: give more"
            )
        self.kept = options.num_exemplars // self.classes
        model = options.model_pretrain if options.step == "pretrain" else options.model_retrain
        self.config = NetworkConfig.of(options, model == DELTA, self.info.config.filters)
        self.folder = stage_folder(options, self.config.delta, self.info, self.classes)
        self.order = class_order(self.info, options.seed)[: self.classes]
        self.labels = tuple(self.info.labels[index] for index in self.order)

    def run(self) -> Stage:
        """Train, choose exemplars, test."""
        data = networks.load_set(self.options, "train")
        valid = networks.load_set(self.options, "valid")
        test = networks.load_set(self.options, "test")
        model, before = self._start()
        exemplars = self._exemplars_before()
        train_set = self._training_set(data, exemplars)
        settings = {
            "the features' digest": networks.digest_of_sets(data, valid),
            "the network before, by its digest,": networks.digest(*before.state_dict.values())
            if before
            else "none",
            "the exemplars' digest": hashlib.sha256(json.dumps(exemplars).encode()).hexdigest()[:12],
            "--num_exemplars": str(self.options.num_exemplars),
        }
        objective: Objective = recognition
        if self.known and before:
            teacher = build_classifier(before).to(self.place.device)
            thoughts = icarl.opinions(teacher, train_set, self.options.batch_size_eval)
            objective = icarl.distilling(thoughts)
        job = Job(
            title=f"{self.classes} classes {self.folder.parent.name}",
            folder=self.folder,
            epochs=self.options.epochs_pretrain
            if self.options.step == "pretrain"
            else self.options.epochs_retrain,
            retraining=self.options.step == "retrain",
            settings=settings,
            features=self.info,
            labels=self.labels,
            train=train_set,
            valid=self._known_part(valid),
            objective=objective,
            keep_last=True,
        )
        train(model, job, self.options, self.place)
        return self._conclude(model, data, test, exemplars)

    def _start(self) -> tuple[Classifier, Checkpoint | None]:
        """The network to train, and the one that it begins with."""
        options = self.options
        model = networks.random_classifier(self.config, self.classes, options.seed)
        if options.step == "pretrain":
            return model, None
        delta, classes = self.config.delta, self.known
        if not self.known:
            delta, classes = options.model_pretrain == DELTA, self.classes
            if delta == self.config.delta:
                raise TrainingError(
                    "--step retrain without learned classes makes a network of the other kind: "
                    "give --num_learned_classes, or another --model_retrain"
                )
        path = stage_folder(options, delta, self.info, classes) / BEST
        if not path.is_file():
            raise TrainingError(f"there is no network that knows {classes} classes, {path}: learn them first")
        before = load_checkpoint(path)
        if before.labels != self.labels[:classes]:
            raise TrainingError(f"{path} learned other classes: give the same --seed and --words")
        if before.features != self.info:
            raise TrainingError(f"{path} was trained on other features: make those again, or train it anew")
        networks.take_parameters(model, before, path)
        return model, before

    def _exemplars_before(self) -> dict[str, list[str]]:
        """Exemplars of the classes that are known: paths of utterances, by label."""
        if not self.known:
            return {}
        path = stage_folder(self.options, self.config.delta, self.info, self.known) / EXEMPLARS
        try:
            content: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise TrainingError(f"there are no exemplars {path}: run the stage before again") from None
        if list(content) != list(self.labels[: self.known]):
            raise TrainingError(f"{path} is of other classes: run the stage before again")
        return content

    def _training_set(self, data: FeatureSet, exemplars: dict[str, list[str]]) -> Batches:
        """All utterances of the new classes, and the exemplars of the old ones."""
        new = self._positions(data.targets)
        chosen = [*_indices(data, exemplars), *(new >= self.known).nonzero().flatten().tolist()]
        return self._part(data, torch.tensor(chosen))

    def _known_part(self, data: FeatureSet) -> Batches:
        """The utterances of all classes that the network knows after this stage."""
        return self._part(data, (self._positions(data.targets) >= 0).nonzero().flatten())

    def _part(self, data: FeatureSet, indices: Tensor) -> Batches:
        """Some utterances; their targets are places in the order of learning."""
        if not len(indices):
            raise TrainingError("there are no utterances of the classes to learn: run --step feature again")
        return Batches.of(data, self.place.device).chosen(indices, self._positions(data.targets)[indices])

    def _positions(self, targets: Tensor) -> Tensor:
        """Place of each target in the order of learning; -1 for classes that come later."""
        places = torch.full((len(self.info.labels),), -1)
        places[list(self.order)] = torch.arange(self.classes)
        return places[targets]

    def _conclude(
        self, model: Classifier, data: FeatureSet, test: FeatureSet, exemplars: dict[str, list[str]]
    ) -> Stage:
        """Choose and write the exemplars, test, and write the result."""
        exemplars = icarl.shortened(exemplars, self.kept)
        size, positions = self.options.batch_size_eval, self._positions(data.targets)
        for place in range(self.known, self.classes):
            of_class = (positions == place).nonzero().flatten()
            phi = icarl.vectors(model, self._part(data, of_class), size)
            chosen = of_class[icarl.herd(phi, self.kept)]
            exemplars[self.labels[place]] = [data.paths[index] for index in chosen]
        kept = self._part(data, torch.tensor(_indices(data, exemplars)))
        means = icarl.class_means(icarl.vectors(model, kept, size), kept.targets, self.classes)
        known = self._known_part(test)
        taken = icarl.nearest(icarl.vectors(model, known, size), means)
        found = evaluate(model, known, size, self.place)
        stage = Stage(
            network=self.config.name,
            delta=self.config.delta,
            classes=self.classes,
            accuracy=float((taken == known.targets).double().mean()),
            accuracy_logits=found.accuracy,
            shares=found.shares,
        )
        if self.place.is_main:
            networks.write_json(self.folder / EXEMPLARS, exemplars)
            networks.write_json(self.folder / RESULT, stage.to_dict())
        say(
            console(self.place.is_main),
            f"{self.folder}: {self.classes} classes, accuracy {stage.accuracy:.2%} by the nearest mean",
        )
        self.place.wait()
        return stage


def _indices(data: FeatureSet, exemplars: dict[str, list[str]]) -> list[int]:
    """Where exemplars lie in the training set."""
    where = {path: index for index, path in enumerate(data.paths)}
    paths = [path for part in exemplars.values() for path in part]
    for path in paths:
        if path not in where:
            raise TrainingError(
                f"the exemplar {path} is not among the features any more: learn from stage one"
            )
    return [where[path] for path in paths]


def _check_count(classes: int, option: str, info: FeatureInfo) -> None:
    if classes > len(info.labels):
        raise TrainingError(
            f"{option}: {classes} classes, but the features have {len(info.labels)}: "
            "give fewer, or prepare more words (--words all)"
        )


def _write_study(found: list[Stage], folder: Path) -> None:
    """The study's files beside the delta network's stages."""
    # What only trains and tests does not wait for matplotlib.
    from reneta.training.plots import incremental_figure, save_figure

    rows = [stage.to_dict() for stage in found]
    networks.write_json(folder / "study.json", rows)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with replaced_file(folder / "study.csv") as part, part.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    points: dict[str, list[tuple[int, float]]] = {}
    for stage in found:
        points.setdefault(stage.network, []).append((stage.classes, stage.accuracy))
    save_figure(incremental_figure(points), folder / "study")
    lines = [f"{stage.network}: {stage.classes} classes, accuracy {stage.accuracy:.2%}" for stage in found]
    say(console(True), "\n".join([*lines, f"written to {folder}: study.json, .csv, .png, .svg"]))
