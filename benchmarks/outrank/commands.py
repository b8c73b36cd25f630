"""What both are asked to do: every row, one score a field, values as they are."""

import sys
from pathlib import Path

__all__ = ["BLOCK_ROWS", "LABEL", "SETUP", "own_command", "peer_command"]

LABEL = "label"
BLOCK_ROWS = 2**14

SETUP = """\
python -m venv build/outrank
build/outrank/bin/pip install outrank==0.97.5 'xxhash<4'
python -m benchmarks.outrank --peer build/outrank/bin/python"""
"""How the package is installed; it hashes text, which xxhash 4 refuses."""


def own_command(table: Path, out: Path, heuristic: str) -> list[str]:
    """The ranking of this package."""
    return [
        *(sys.executable, "-m", "fieldwise", "rank", str(table), "--label", LABEL),
        # The package knows no numbers: each is a value of its own.
        *("--numbers", "values", "--heuristic", heuristic),
        *("--out", str(out), "--overwrite"),
    ]


def peer_command(python: str, table: Path, out: Path, threads: int) -> list[str]:
    """The ranking of the authors' package, without its pictures and its noise."""
    settings = {
        "task": "ranking",
        # It reads the file of the name data.csv in a folder.
        "data_path": str(table.parent),
        "data_source": "csv-raw",
        "label_column": LABEL,
        "heuristic": "MI-numba-randomized",
        "target_ranking_only": "True",
        "include_noise_baseline_features": "False",
        "interaction_order": "1",
        "transformers": "none",
        "subsampling": "1",
        "minibatch_size": str(BLOCK_ROWS),
        "num_threads": str(threads),
        "disable_tqdm": "True",
        "output_folder": str(out),
    }
    command = [python, "-m", "outrank"]
    for name, value in settings.items():
        command += [f"--{name}", value]
    return command
