"""Everything that is made once, before folders are damaged."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.fuzz.bombs import NUM_GROUPS, write_bombs
from benchmarks.fuzz.rankers import raw_rows, save_rankers
from fieldwise.importance import Importance, Selection
from fieldwise.models import MODELS

__all__ = ["KINDS", "prepare"]

KINDS = ("rankers", "importances", "selections")
"""What is damaged; each is a folder of folders."""


def prepare(
    home: Path, *, models: Sequence[str] = tuple(MODELS), num_groups: int = NUM_GROUPS
) -> None:
    """Write undamaged folders, bombs, and rows to predict.

    Args:
        home: gets the folders of ``KINDS``, ``bombs``, ``rows.json`` and
            ``modules.json``.
        models: systems of the rankers.
        num_groups: parts of the longest bombs.
    """
    for name in (*KINDS, "bombs"):
        (home / name).mkdir()
    save_rankers(home / "rankers", models)
    write_bombs(home / "bombs", num_groups=num_groups)
    for importance in _importances():
        importance.save(home / "importances" / importance.unit)
        folder = home / "selections" / importance.unit
        folder.mkdir()
        names = importance.names
        Selection(importance.unit, kept=names[:2], names=names).save(
            folder / "kept.json"
        )
    # A few rows: a checked way for one row, and another for many, must both hold.
    rows = raw_rows().drop("day", "click", "rating").head(4).to_dicts()
    (home / "rows.json").write_text(json.dumps(rows), "utf-8")
    command = [sys.executable, "-m", "benchmarks.fuzz.importing", str(home)]
    root = Path(__file__).resolve().parents[2]
    modules = subprocess.check_output(command, text=True, cwd=root)
    (home / "modules.json").write_text(modules, "utf-8")


def _importances() -> list[Importance]:
    scores = np.array([3.0, -1.0, 0.5])
    details = {"scores_std": np.array([0.1, 0.2, 0.3])}
    common = {"method": "permutation", "meaning": "log loss added, in nats"}
    return [
        Importance("field", ("a", "b", "c"), scores, details=details, **common),
        Importance("pair", (("a", "b"), ("b", "c"), ("a", "c")), scores, **common),
    ]
