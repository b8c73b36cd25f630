"""The study as a Markdown table: ``python -m benchmarks.quality.summary FILES``."""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

Results = dict[tuple[str, str, str], list[dict[str, Any]]]


def read_results(paths: list[Path]) -> Results:
    """Lines of the study by table, model and candidate; a repeated seed counts once."""
    by_key: dict[tuple[str, ...], dict[str, Any]] = {}
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            result = json.loads(line)
            by_key[tuple(map(str, result["key"]))] = result
    grouped: Results = defaultdict(list)
    for (table, model, candidate, _), result in by_key.items():
        grouped[table, model, candidate].append(result)
    return grouped


def main() -> None:
    """Print one row per table, model and candidate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    print(
        "| table | model | recipe | seeds | test AUC | log loss "
        "| ECE raw → fit | epochs |"
    )
    print("|---|---|---|---|---|---|---|---|")
    grouped = read_results(options.files)
    order = list(dict.fromkeys(table for table, _, _ in grouped))
    for key in sorted(grouped, key=lambda key: (order.index(key[0]), key[1:])):
        print(_row(key, grouped[key]))


def _row(key: tuple[str, str, str], results: list[dict[str, Any]]) -> str:
    def mean(*names: str) -> float:
        return float(
            np.mean([next(r[name] for name in names if name in r) for r in results])
        )

    table, model, candidate = key
    aucs = np.array([result["auc"] for result in results])
    spread = f" ± {aucs.std(ddof=1):.4f}" if len(aucs) > 1 else ""
    calibrated = "ece_auto" in results[0]
    raw = f"{mean('ece_identity'):.4f} → " if calibrated else ""
    epochs = f"{mean('best_epoch'):.0f} of {mean('epochs'):.0f}" if calibrated else ""
    return (
        f"| {table} | {model} | {candidate} | {len(results)} "
        f"| {aucs.mean():.4f}{spread} | {mean('log_loss_auto', 'log_loss'):.4f} "
        f"| {raw}{mean('ece_auto', 'ece'):.4f} | {epochs} |"
    )


if __name__ == "__main__":
    main()
