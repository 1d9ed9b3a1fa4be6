"""Training of one network: epochs, the best network so far, and going on after a kill.

A run has a folder: best.pt, the result; last.pt, the state after the last whole epoch; log.csv; tensorboard/.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn, optim
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import ReduceLROnPlateau

from reneta.training.batches import Batch, Batches, mixed
from reneta.training.checkpoint import Checkpoint, TrainingState, save_checkpoint
from reneta.training.data.feature_config import FeatureInfo
from reneta.training.distributed import Place
from reneta.training.errors import TrainingError
from reneta.training.evaluation import Evaluation, evaluate
from reneta.training.log import Log, Row
from reneta.training.models import Classifier
from reneta.training.options import Options
from reneta.training.targeted_dropout import annealed_alpha, prune

BEST, LAST = "best.pt", "last.pt"
WARM_UP = 0.1
"""Part of the learning rate that the first epoch of retraining has, as published."""

Objective = Callable[[Tensor, Batch], Tensor]
"""The loss of logits [B, C] and their batch: a scalar, the mean over the batch."""


def recognition(logits: Tensor, batch: Batch) -> Tensor:
    """The usual objective: cross entropy."""
    return cross_entropy(logits, batch.targets)


@dataclass(frozen=True)
class Job:
    """What is to be trained.

    Attributes:
        title: for the terminal.
        folder: of the run.
        epochs: how many there will be.
        retraining: whether the network was trained before: then the first epoch warms up, and weights are
            dropped for certain from the start.
        settings: what the result depends on beside the options: by a name, as words.
        features: how the features are made.
        labels: names of the classes, in the order of the logits.
        train: the training set.
        valid: the validation set.
        objective: what is minimised, beside the regulariser.
        keep_last: the result is the last network, not the best on the validation set.
    """

    title: str
    folder: Path
    epochs: int
    retraining: bool
    settings: dict[str, str]
    features: FeatureInfo
    labels: tuple[str, ...]
    train: Batches
    valid: Batches
    objective: Objective = field(default=recognition)
    keep_last: bool = False


def train(model: Classifier, job: Job, options: Options, place: Place) -> None:
    """Train a network, or go on with it, until all epochs are done; the result is the run's best.pt.

    Raises:
        TrainingError: the run's folder has one with other settings, or a file in it is damaged; the loss is
            no number any more.
    """
    _Training(model, job, options, place).run()


class _Training:
    """A run."""

    def __init__(self, model: Classifier, job: Job, options: Options, place: Place) -> None:
        self.model, self.job, self.options, self.place = model.to(place.device), job, options, place
        self.parallel = place.parallel(model)
        self.rate = options.lr_retrain or options.lr if job.retraining else options.lr
        self.optimiser = _optimiser(model, self.rate, options)
        self.scheduler = ReduceLROnPlateau(
            self.optimiser, factor=options.decay_factor, patience=options.patience, min_lr=options.lr_end
        )
        self.settings = {
            **{f"--{name}": word for name, word in options.shaping(model.config.delta).items()},
            **job.settings,
            "the number of processes": str(place.world),
        }
        if job.retraining:
            self.settings["--lr_retrain"] = options.words_of("lr_retrain")
        self.log = Log(job.folder, job.title, job.epochs, place.is_main)
        self.rows: list[Row] = []
        self.best = (-1.0, math.inf)

    def run(self) -> None:
        """All epochs that are not done yet."""
        last, best = self.job.folder / LAST, self.job.folder / BEST
        if self.options.restart:
            self._clear()
        elif last.exists():
            if not self.options.resume:
                raise TrainingError(f"{self.job.folder} has a run: give --resume 1 or --restart 1")
            if not best.exists():
                raise TrainingError(f"{self.job.folder} has {LAST} but no {BEST}; --restart 1 trains anew")
            self._go_on(TrainingState.load(last))
            if len(self.rows) >= self.job.epochs:
                self.log.say(
                    f"finished before, after {len(self.rows)} epochs: {best}; --restart 1 trains anew"
                )
                return
            self.log.say(f"goes on after epoch {len(self.rows)}")
        with self.log:
            for epoch in range(len(self.rows), self.job.epochs):
                self._epoch(epoch)
        self.place.wait()
        self.log.say(f"done: {best}")

    def _clear(self) -> None:
        """Remove an earlier run; last.pt first, so that nothing goes on with a half of it."""
        if self.place.is_main:
            for name in (LAST, BEST):
                (self.job.folder / name).unlink(missing_ok=True)
        self.log.clear()
        self.place.wait()

    def _go_on(self, state: TrainingState) -> None:
        """Take up a state, if it belongs to this run."""
        for name in sorted(self.settings.keys() | state.settings.keys()):
            was, now = state.settings.get(name, "not there"), self.settings.get(name, "not there")
            if was != now:
                raise TrainingError(
                    f"{self.job.folder}: {name} was {was} for this run and is {now} now; "
                    "go on with the former, or train anew with --restart 1"
                )
        self.model.load_state_dict(state.model)
        self.optimiser.load_state_dict(state.optimiser)
        self.scheduler.load_state_dict(state.scheduler)
        self.best = state.best
        self.rows = [Row(**row) for row in state.rows]

    def _epoch(self, epoch: int) -> None:
        """Train for an epoch, evaluate, and keep what came of it."""
        start = time.monotonic()
        if self.job.retraining and epoch <= 1:
            self._set_rate(self.rate * (WARM_UP if epoch == 0 else 1.0))
        rate: float = self.optimiser.param_groups[0]["lr"]
        loss, regulariser = self._train(epoch)
        alpha = 1.0 if self.job.retraining else annealed_alpha(epoch, self.options.alpha_anneal_epoch)
        if self.options.cbtd:
            self._prune(epoch, alpha)
        found = evaluate(self.model, self.job.valid, self.options.batch_size_eval, self.place)
        if self.options.lr_schedule and (alpha == 1.0 or not self.options.cbtd):
            self.scheduler.step(found.loss + self.options.beta * found.regulariser)
        row = Row(
            epoch=epoch + 1,
            lr=rate,
            train_loss=loss,
            train_reg=regulariser,
            valid_loss=found.loss,
            accuracy=found.accuracy,
            sparsity_x=found.shares.get("sparsity_x"),
            sparsity_h=found.shares.get("sparsity_h"),
            sparsity=found.shares.get("sparsity"),
            seconds=time.monotonic() - start,
        )
        self.rows.append(row)
        self._keep(found)

    def _train(self, epoch: int) -> tuple[float, float]:
        """One pass over the training set; mean loss and mean regulariser."""
        options, data = self.options, self.job.train
        torch.manual_seed(mixed(options.seed, epoch, 1, self.place.rank))
        batches = self.place.share(data.shuffled(options.seed, epoch)).split(options.batch_size)
        sums = torch.zeros(3, device=self.place.device)
        self.parallel.train()
        with self.log.progress(epoch + 1, len(batches)) as progress:
            for indices in batches:
                batch = data.batch(indices)
                self.optimiser.zero_grad()
                logits, regulariser = self.parallel(batch.features, batch.lengths)
                loss = self.job.objective(logits, batch) + options.beta * regulariser
                loss.backward()
                if options.grad_clip_val:
                    nn.utils.clip_grad_norm_(self.model.parameters(), options.grad_clip_val)
                self.optimiser.step()
                values = torch.stack([loss.detach(), regulariser.detach(), sums.new_ones(())])
                sums += len(indices) * values
                progress.advance(progress.task_ids[0])
        loss_sum, regulariser_sum, count = self.place.summed(sums).tolist()
        if not math.isfinite(loss_sum):
            raise TrainingError(f"{self.job.title}: the loss is no number in epoch {epoch + 1}; lower --lr")
        return loss_sum / count, regulariser_sum / count

    def _prune(self, epoch: int, alpha: float) -> None:
        """Drop weights; all processes drop the same ones."""
        options = self.options
        generator = torch.Generator().manual_seed(mixed(options.seed, epoch, 2))
        prune(self.model.rnn, options.gamma_rnn, alpha, options.num_array_pe, generator)

    def _set_rate(self, rate: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = rate

    def _keep(self, found: Evaluation) -> None:
        """Write what an epoch gave, last.pt at the end: a kill before that repeats the epoch, alike."""
        score = (found.accuracy, found.loss)
        better = score[0] > self.best[0] or (score[0] == self.best[0] and score[1] < self.best[1])
        if better:
            self.best = score
        if not self.place.is_main:
            return
        parameters = {name: value.cpu() for name, value in self.model.state_dict().items()}
        if better or self.job.keep_last:
            job = self.job
            metrics = {"epoch": float(len(self.rows)), **found.metrics}
            result = Checkpoint(self.model.config, job.labels, job.features, parameters, metrics)
            save_checkpoint(job.folder / BEST, result)
        self.log.write(self.rows)
        TrainingState(
            settings=self.settings,
            epochs=len(self.rows),
            model=parameters,
            optimiser=self.optimiser.state_dict(),
            scheduler=self.scheduler.state_dict(),
            best=self.best,
            rows=[asdict(row) for row in self.rows],
        ).save(self.job.folder / LAST)


def _optimiser(model: Classifier, rate: float, options: Options) -> optim.Optimizer:
    parameters, decay = model.parameters(), options.weight_decay
    if options.opt == "SGD":
        return optim.SGD(parameters, lr=rate, momentum=0.9, weight_decay=decay)
    kind = optim.AdamW if options.opt == "ADAMW" else optim.Adam
    return kind(parameters, lr=rate, weight_decay=decay)
