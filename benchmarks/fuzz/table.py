"""What became of all folders, as a table of Markdown."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from benchmarks.fuzz.loading import FAILURES, MIB

__all__ = ["table"]

GOOD = ("refused", "loaded", "loaded, rows refused")


def table(results: Sequence[dict[str, Any]], *, seconds: float) -> str:
    """Count outcomes by what was damaged.

    Args:
        results: one per folder.
        seconds: all of it took.

    Returns:
        Markdown.
    """
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        kind = result["name"].split("-")[1]
        about = result.get("group", "?")
        name = about if kind == "rankers" else f"{kind}: {about}"
        groups[name][result["outcome"]] += 1
        groups["**all**"][result["outcome"]] += 1
    heads = ("damage", "folders", *GOOD, *FAILURES)
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, counts in sorted(groups.items()):
        cells = [name, str(counts.total()), *(str(counts[key]) for key in heads[2:])]
        lines.append(f"| {' | '.join(cells)} |")
    most = max((result["bytes"] for result in results), default=0) / MIB
    num_failed = sum(result["outcome"] in FAILURES for result in results)
    lines += [
        "",
        f"{len(results):,} folders in {seconds:,.0f} s; {num_failed} failures; a load "
        f"took {most:,.0f} MiB of memory at most.",
    ]
    return "\n".join(lines)
