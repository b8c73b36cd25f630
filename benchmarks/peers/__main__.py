"""fieldwise beside other libraries on one generated table.

    python -m benchmarks.peers --fuxictr FOLDER --work FOLDER

Builds an environment for the peers below --work, generates the table, runs every
measurement as a process of its own, the libraries taking turns, and prints medians and
ratios. Each result is on disk at once: called again, it goes on where it was stopped.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.peers.child import Outcome, run_child
from benchmarks.peers.environment import (
    ROOT,
    build_environment,
    installed,
    peer_variables,
    version_of,
)
from benchmarks.peers.journal import Entry, Journal
from benchmarks.peers.machine import (
    describe_machine,
    keep_to_cores,
    wait_until_quiet,
)
from benchmarks.peers.plan import CONTENDERS, KINDS, MODELS, Contender, Job, plan
from benchmarks.peers.report import format_number, grids, print_grids, to_markdown
from benchmarks.peers.table import write_table
from benchmarks.peers.task import Task

FILE_WIDTH = 160
SMALL_SHARE = 6
"""Models whose step is expensive see one in this many of the training rows."""
DEFAULT_KINDS = ("start", "encode", "train", "raw")
DEFAULT_MODELS = ("deepfm", "dcnv2", "autoint", "finalmlp", "lightgbm")
PACKAGES = (
    *("torch", "numpy", "polars", "pandas", "pyarrow", "scikit-learn"),
    *("deepctr-torch", "torch-rechub", "lightgbm"),
)


class Benchmark:
    """Runs jobs below one folder."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self.options = options
        self.console = console
        self.work: Path = options.work.resolve()
        self.fuxictr = str(options.fuxictr.resolve()) if options.fuxictr else ""
        self.python = build_environment(self.work / "environment")
        self.variables = peer_variables(self.fuxictr, options.threads)

    def run(self, job: Job) -> Outcome:
        """Do a job, and first whatever it needs that is not there."""
        table = self._table(job)
        if job.kind == "train" and job.contender.encoded_by:
            encoder = next(
                item for item in CONTENDERS if item.name == job.contender.encoded_by
            )
            if not self._marker(encoder, job).exists():
                self._encode(Job("encode", encoder, "", job.repetition, job.scale))
        wait_until_quiet(self.options.patience)
        return self._encode(job) if job.task_kind == "encode" else self._do(job, table)

    def _table(self, job: Job) -> Path:
        num_rows = self.options.rows * job.scale
        folder = self.work / f"table-{num_rows}"
        write_table(folder, num_rows, csv=job.file_type == "csv")
        return folder

    def _encode(self, job: Job) -> Outcome:
        shutil.rmtree(self._encoded(job.contender, job), ignore_errors=True)
        outcome = self._do(job, self._table(job))
        if outcome.result is not None:
            self._marker(job.contender, job).touch()
        return outcome

    def _do(self, job: Job, table: Path) -> Outcome:
        owner = next(
            (item for item in CONTENDERS if item.name == job.contender.encoded_by),
            job.contender,
        )
        saved = self.work / "saved"
        saved.mkdir(exist_ok=True)
        about: dict[str, Any] = json.loads((table / "about.json").read_text("utf-8"))
        task = Task(
            kind=job.task_kind,
            table=str(table),
            encoded=str(self._encoded(owner, job)),
            saved=str(saved),
            file_type=job.file_type,
            model=job.model,
            variant=job.contender.variant,
            seed=job.repetition,
            part=job.part,
            small_rows=about["train_rows"] // SMALL_SHARE,
            fuxictr=self.fuxictr,
        )
        python = str(self.python) if job.contender.is_peer else sys.executable
        runner = f"benchmarks.peers.runners.{job.contender.runner}"
        log = self.work / "logs" / f"{_plain(job.key)}.log"
        return run_child(
            [python, "-m", runner, task.to_json()],
            log=log,
            environment=self.variables,
        )

    def _encoded(self, contender: Contender, job: Job) -> Path:
        num_rows = self.options.rows * job.scale
        folder = f"encoded-{num_rows}" + ("-csv" if job.file_type == "csv" else "")
        return self.work / folder / _plain(contender.name)

    def _marker(self, contender: Contender, job: Job) -> Path:
        return self._encoded(contender, job) / "complete"


def _plain(name: str) -> str:
    return re.sub(r"\W+", "-", name).strip("-").lower()


def main() -> None:
    """Measure what the arguments ask for and print it."""
    options = _options()
    console = Console()
    if not console.is_terminal:
        console = Console(width=FILE_WIDTH)
    cores = keep_to_cores(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    benchmark = Benchmark(options, console)
    path = options.results or options.work / f"results-{options.rows}.jsonl"
    journal = Journal(path)
    jobs = _jobs(options)
    left = [job for job in jobs if not journal.has(job)]
    console.print(
        f"{len(jobs)} measurements, {len(jobs) - len(left)} of them done, "
        f"{cores} cores. Results: {path}"
    )
    started = time.monotonic()
    for number, job in enumerate(left, start=1):
        entry = Entry.of(job, benchmark.run(job))
        journal.add(entry)
        console.print(f"{number}/{len(left)}  {_line(entry)}", highlight=False)
    found = grids(journal.entries)
    print_grids(found, console)
    head = _head(options, benchmark)
    page = path.with_suffix(".md")
    page.write_text(to_markdown(head, found), "utf-8")
    console.print(f"{time.monotonic() - started:.0f} s. As Markdown: {page}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--fuxictr", type=Path, help="checkout of FuxiCTR's repository")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "peers")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", default=",".join(DEFAULT_KINDS), help=_named(KINDS))
    parser.add_argument(
        "--models", default=",".join(DEFAULT_MODELS), help=_named(MODELS)
    )
    parser.add_argument("--threads", type=int, default=2, help="and cores")
    parser.add_argument(
        "--patience",
        type=float,
        default=30.0,
        help="seconds to wait for a quiet machine before each measurement",
    )
    parser.add_argument("--results", type=Path, help="JSON lines, made or gone on with")
    options = parser.parse_args()
    for name, known in (("only", KINDS), ("models", MODELS)):
        given = getattr(options, name).split(",")
        unknown = sorted(set(given) - set(known))
        if unknown:
            parser.error(f"--{name} must be among {_named(known)}, got {unknown}.")
        setattr(options, name, given)
    if options.fuxictr and not (options.fuxictr / "model_zoo").is_dir():
        parser.error(f"--fuxictr must be its checkout, got {options.fuxictr}.")
    return options


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _jobs(options: argparse.Namespace) -> list[Job]:
    from fieldwise.models import MODELS as OWN_MODELS

    return plan(
        kinds=options.only,
        models=options.models,
        repetitions=options.repetitions,
        own_models=OWN_MODELS,
        fuxictr=options.fuxictr is not None,
    )


def _line(entry: Entry) -> str:
    shown = ("encode_rows_s", "train_rows_s", "raw_rows_s", "auc", "import_s")
    values = [
        f"{name} {format_number(name, entry.values[name])}"
        for name in (*shown, "peak_mb", "wall_s", "foreign_cores")
        if name in entry.values
    ]
    state = "FAILED " if entry.error else ""
    return f"{entry.key}: {state}{', '.join(values)}"


def _head(options: argparse.Namespace, benchmark: Benchmark) -> dict[str, str]:
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    about = benchmark.work / f"table-{options.rows}" / "about.json"
    table: dict[str, Any] = json.loads(about.read_text("utf-8"))
    head = describe_machine()
    head["table"] = (
        f"{table['rows']:,} rows, of which {table['train_rows']:,} for training; "
        f"{table['distinct_names']:,} distinct names; {table['positive_share']:.1%} "
        f"positive; AUC of the true probabilities {table['bayes_auc']:.4f}"
    )
    head["fieldwise"] = commit.stdout.strip() or "unknown commit"
    if options.fuxictr:
        head["FuxiCTR"] = version_of(benchmark.fuxictr)
    for name, python in (("own", sys.executable), ("peers'", benchmark.python)):
        versions = installed(python)
        head[f"{name} packages"] = ", ".join(
            f"{package} {versions[package]}"
            for package in PACKAGES
            if package in versions
        )
    return head


if __name__ == "__main__":
    main()
