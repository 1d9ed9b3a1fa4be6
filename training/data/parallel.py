"""Work spread over processes, in order, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing import get_context
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from reneta.training.errors import TrainingError

Job = TypeVar("Job")
Result = TypeVar("Result")

CHUNKS_PER_PROCESS = 16
LARGEST_CHUNK = 64
"""Jobs that a process takes at once: enough to hide the pipe, few enough to keep the bar moving."""


def map_jobs(
    work: Callable[[Job], Result], jobs: Sequence[Job], processes: int, title: str
) -> Iterator[Result]:
    """Results of a function for each job, in the order of the jobs.

    Args:
        work: a function of a module (processes import it); with one process it is called here.
        jobs: its arguments.
        processes: how many.
        title: stands before the bar.

    Raises:
        TrainingError: as `work` raises it, or a process was killed.
    """
    columns = (
        TextColumn("{task.description:12s}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with ExitStack() as stack:
        results: Iterable[Result]
        if processes > 1:
            # Fresh processes: to fork one that has threads (torch's, the bar's) may hang.
            pool = stack.enter_context(ProcessPoolExecutor(processes, get_context("spawn")))
            stack.callback(pool.shutdown, cancel_futures=True)
            chunk = max(1, min(LARGEST_CHUNK, len(jobs) // (CHUNKS_PER_PROCESS * processes)))
            results = pool.map(work, jobs, chunksize=chunk)
        else:
            results = map(work, jobs)
        bar = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
        try:
            yield from bar.track(results, total=len(jobs), description=title)
        except BrokenProcessPool:
            raise TrainingError(f"{title}: a worker process was killed; try fewer --processes") from None
