"""The folder of a comparison: what is finished, what is on its way, and the result.

::

    comparison.json      what is compared: fingerprints, split, schema, settings
    rows.parquet         labels, weights and groups of the measured rows
    rows.json            what is known of all rows: split, unknown values, warnings
    fits/                MODEL-SEED.parquet: metrics, and what a fit says of each row
    unfinished/          states of fits that were interrupted
    leaderboard.md       and .parquet, .svg, .png: one row per model
    runs.parquet         one row per model and seed
    log.txt              what was said on the way
"""

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, final

from filelock import FileLock, Timeout

from fieldwise.comparison.finished_fit import FinishedFit, read_record
from fieldwise.comparison.manifest import MANIFEST, write_json
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.plan import Job
from fieldwise.errors import DataError

__all__ = ["LOG", "ComparisonFolder", "folder_for"]

_LOG = logging.getLogger("fieldwise.comparison")

ROWS, ABOUT_ROWS = "rows.parquet", "rows.json"
LOCK, LOG = ".lock", "log.txt"


@final
class ComparisonFolder:
    """Keeps the results of fits until all of them are there.

    Args:
        root: the folder; made when it is needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def check(self) -> None:
        """Refuse a folder of something else.

        Raises:
            DataError: if there is something else in it.
        """
        if not self.root.exists() or (self.root / MANIFEST).is_file():
            return
        if not self.root.is_dir() or {x.name for x in self._content()} - {LOG}:
            message = (
                f"out must be a new folder or that of a comparison, got "
                f"{str(self.root)!r}."
            )
            raise DataError(message)

    @contextmanager
    def opened(self, *, overwrite: bool) -> Iterator[None]:
        """Keep other processes out of the folder.

        Args:
            overwrite: throw away what is there, but the log.

        Yields:
            Nothing.

        Raises:
            DataError: if there is something else in it, or another process at work.
        """
        self.check()
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            message = f"another process is at work in {str(self.root)!r}."
            raise DataError(message) from error
        try:
            for path in self._content() if overwrite else ():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                elif path.name != LOG:
                    path.unlink()
            yield
        finally:
            lock.release()

    def missing(self, jobs: Sequence[Job]) -> list[Job]:
        """Find the fits that are still to be made.

        Args:
            jobs: all fits.

        Returns:
            Those without a result that can be read.
        """
        if not (self.root / ROWS).is_file():
            return list(jobs)
        return [job for job in jobs if self.record(job) is None]

    def others(self, jobs: Sequence[Job]) -> list[str]:
        """Name finished fits that nobody asked for this time.

        Args:
            jobs: all fits that were asked for.

        Returns:
            Their names, in order.
        """
        known = {self._path(job).name for job in jobs}
        paths = sorted((self.root / "fits").glob("*.parquet"))
        return [path.stem for path in paths if path.name not in known]

    def record(self, job: Job) -> dict[str, Any] | None:
        """Read a result without what it says about each row.

        Args:
            job: the fit.

        Returns:
            Its record; None if there is none, or none that can be read.
        """
        path = self._path(job)
        if not path.is_file():
            return None
        try:
            return read_record(path)
        except DataError as error:
            _LOG.warning(f"{job} must be fitted again: {error}")
            return None

    def read(self, job: Job) -> FinishedFit:
        """Read a result.

        Args:
            job: the fit.

        Returns:
            Its result.
        """
        return FinishedFit.read(self._path(job), job)

    def keep(self, fit: FinishedFit) -> None:
        """Keep a result; the state of its training is no longer needed.

        Args:
            fit: the result.
        """
        fit.write(self._path(fit.job))
        state = self.state(fit.job)
        shutil.rmtree(state, ignore_errors=True)
        if state.parent.is_dir() and not any(state.parent.iterdir()):
            state.parent.rmdir()

    def state(self, job: Job) -> Path:
        """The folder of the state of a fit that goes on.

        Args:
            job: the fit.

        Returns:
            The folder, which need not exist.
        """
        return self.root / "unfinished" / f"{job.model}-{job.seed}"

    def write_rows(self, rows: MeasuredRows, about: Mapping[str, Any]) -> None:
        """Keep what every result is compared with.

        Args:
            rows: the measured rows.
            about: what is known of all rows, plain JSON types.
        """
        write_json(self.root / ABOUT_ROWS, about)
        partial = self.root / f".{ROWS}.{os.getpid()}.partial"
        rows.write(partial)
        partial.replace(self.root / ROWS)

    def read_rows(self) -> tuple[MeasuredRows, dict[str, Any]]:
        """Read what ``write_rows`` wrote.

        Returns:
            The rows, and what is known of all rows.
        """
        about = json.loads((self.root / ABOUT_ROWS).read_text("utf-8"))
        return MeasuredRows.read(self.root / ROWS), about

    def _path(self, job: Job) -> Path:
        return self.root / "fits" / f"{job.model}-{job.seed}.parquet"

    def _content(self) -> list[Path]:
        return [path for path in self.root.iterdir() if path.name != LOCK]


@contextmanager
def folder_for(out: str | Path | None) -> Iterator[ComparisonFolder]:
    """Open the folder of results, or one that is gone afterwards.

    Args:
        out: where results are kept; None keeps nothing.

    Yields:
        The folder.

    Raises:
        DataError: if there is something else in it.
    """
    if out is not None:
        folder = ComparisonFolder(Path(out))
        folder.check()
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="fieldwise-") as temporary:
        yield ComparisonFolder(Path(temporary))
