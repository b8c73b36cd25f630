"""Print what each command takes of a limit: ``python -m benchmarks.memory``."""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.memory.limited import MIB, Outcome, environment, run_limited
from benchmarks.memory.table import LABEL, PART, write_table

STEPS = ("imports", "inspect", "fit", "predict")


def main() -> None:
    """Write a table, then inspect, fit and predict under a limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=1024, help="MiB of memory")
    parser.add_argument("--ratio", type=float, default=5.0, help="table / limit")
    parser.add_argument("--model", default="lr")
    parser.add_argument("--folder", type=Path, help="where the table and runs go")
    options = parser.parse_args()
    limit = options.limit * MIB
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        table = folder / "clicks.parquet"
        rows, size = write_table(table, int(options.ratio * limit))
        print(
            f"{rows:,} rows: {size // MIB:,} MiB in memory, "
            f"{table.stat().st_size // MIB:,} MiB as Parquet; limit {options.limit:,} "
            "MiB\n"
        )
        print("| step | seconds | RssAnon, MiB | VmData, MiB | of the limit |")
        print("|---|---|---|---|---|", flush=True)
        for step in STEPS:
            outcome = run_limited(
                command(step, folder, table, options.model),
                limit=limit,
                variables=environment(limit)
                | {"TMPDIR": name, "FIELDWISE_CACHE": str(folder / "cache")},
            )
            print(_row(step, outcome, limit), flush=True)
            if outcome.status:
                sys.exit(f"{step} ended with {outcome.status}:\n{outcome.output}")


def command(step: str, folder: Path, table: Path, model: str) -> list[str]:
    """What a step runs; ``fit`` writes ``run``, ``predict`` reads it."""
    python, run = sys.executable, str(folder / "run")
    fieldwise = [python, "-m", "fieldwise", step]
    settings = folder / "run.toml"
    settings.write_text(
        # Almost every user comes once: without this the guess is to ignore them.
        '[fields.user]\nkind = "categorical"\n'
        '[recipe]\nnum_epochs = 1\n[calibration]\nmethod = "platt"\n'
    )
    commands = {
        "imports": [python, "-c", "import fieldwise.fitting, polars, pyarrow, torch"],
        "inspect": [*fieldwise, str(table), "--label", LABEL],
        "fit": [
            *(*fieldwise, str(table), "--label", LABEL, "--split", PART),
            *("--model", model, "--config", str(settings), "--out", run),
        ],
        "predict": [
            *(*fieldwise, run, str(table), "--keys", "time"),
            *("--out", str(folder / "scores.parquet")),
        ],
    }
    return commands[step]


def _row(step: str, outcome: Outcome, limit: int) -> str:
    return (
        f"| {step} | {outcome.seconds:.0f} | {outcome.resident // MIB:,} "
        f"| {outcome.allocated // MIB:,} | {outcome.allocated / limit:.0%} |"
    )


if __name__ == "__main__":
    main()
