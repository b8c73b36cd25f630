"""Names what loading imports, by doing it once: ``importing HOME``.

A process of its own, since what else its caller has imported (a whole test suite) may
start threads, which a process that forks must not have.
"""

import json
import sys
from pathlib import Path

from benchmarks.fuzz.loading import load_watched  # noqa: F401  a worker imports it, too
from fieldwise.importance import Importance
from fieldwise.ranker import Ranker

__all__ = ["list_modules"]


def list_modules(home: Path) -> list[str]:
    """Load a ranker and an importance, since much is imported when it is first used.

    Args:
        home: with folders of ``rankers`` and ``importances``, and ``rows.json``.

    Returns:
        Names of all modules of this process.
    """
    rows = json.loads((home / "rows.json").read_text("utf-8"))
    ranker = min((home / "rankers").iterdir())
    Ranker.load(ranker).predict(rows)
    repr(Importance.load(home / "importances" / "field").top(1))
    return sorted(sys.modules)


if __name__ == "__main__":
    print(json.dumps(list_modules(Path(sys.argv[1]))))
