"""What both are asked to do: every row, one score a field, values as they are."""

import sys
from argparse import Namespace
from pathlib import Path

__all__ = ["BLOCK_ROWS", "own_command", "peer_command"]

BLOCK_ROWS = 2**14


def own_command(folder: Path, table: Path) -> list[str]:
    """The ranking of this package."""
    return [
        *(sys.executable, "-m", "fieldwise", "rank", str(table), "--label", "label"),
        # The package knows no numbers: each is a value of its own.
        *("--numbers", "values", "--out", str(folder / "own")),
    ]


def peer_command(options: Namespace, folder: Path, data: Path) -> list[str]:
    """The ranking of the authors' package, without its pictures."""
    settings = {
        "task": "ranking",
        "data_path": str(data),
        "data_source": "csv-raw",
        "label_column": "label",
        "heuristic": "MI-numba-randomized",
        "target_ranking_only": "True",
        "interaction_order": "1",
        "transformers": "none",
        "subsampling": "1",
        "minibatch_size": str(BLOCK_ROWS),
        "num_threads": str(options.threads),
        "output_folder": str(folder / "peer"),
    }
    command = [options.peer, "-m", "outrank"]
    for name, value in settings.items():
        command += [f"--{name}", value]
    return command
