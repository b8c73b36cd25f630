"""What the explanation of one row costs, beside its prediction.

Run with ``OMP_NUM_THREADS=1 python -m benchmarks.explanation.cost``. Rows come as a
dictionary, as from a server. Counted is processor time of all threads, so that other
programs disturb little; what is compared takes turns.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import torch

import fieldwise as fw
from fieldwise.explanation import Explanation, prepare_background
from fieldwise.ranker import Ranker

NUM_VALUES = (50, 20, 10, 200, 6, 1000)
"""Of the names of a field, field after field."""
PREDICT = "`ranker.predict(row)`"
PREDICTIONS = 10
"""In each round, of which the median counts."""


def main() -> None:
    """Print one table for each number of fields."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanation.cost")
    parser.add_argument("--models", nargs="+", default=["dnn", "dcnv2"])
    parser.add_argument("--fields", nargs="+", type=int, default=[8, 39])
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    for num_fields in options.fields:
        table = make_table(num_fields)
        print(f"\n{num_fields} fields: milliseconds (multiples of a prediction)\n")
        print("|  |", *(f"`{model}` |" for model in options.models))
        print("|---|", *("---:|" for _ in options.models))
        columns = [_measure(table, model, options.rounds) for model in options.models]
        for name in columns[0]:
            print(f"| {name} |", *(f"{column[name]} |" for column in columns))


def make_table(num_fields: int, num_rows: int = 6000) -> pl.DataFrame:
    """Draw a table of names and two numbers, with two fields that interact.

    Args:
        num_fields: columns beside the label, at least three.
        num_rows: rows.

    Returns:
        The table; its label is ``click``.
    """
    random = np.random.default_rng(0)
    sizes = [NUM_VALUES[place % len(NUM_VALUES)] for place in range(num_fields - 2)]
    names = [random.integers(0, size, num_rows) for size in sizes]
    size = random.gamma(2.0, 3.0, num_rows)
    logit = names[0] % 3 - 1 + (names[0] % 2 == names[-1] % 2) + 0.1 * size - 2
    columns = {
        f"name{place}": [f"v{value}" for value in values]
        for place, values in enumerate(names)
    }
    return pl.DataFrame(columns).with_columns(
        price=random.normal(size=num_rows).round(3),
        size=size.round(2),
        click=(random.random(num_rows) < 1 / (1 + np.exp(-logit))).astype(int),
    )


def _measure(table: pl.DataFrame, model: str, num_rounds: int) -> dict[str, str]:
    ranker = fw.fit(
        table,
        label="click",
        model=model,
        model_arguments={"hidden_dims": (400, 400, 400)},
        recipe={"num_epochs": 1},
    )
    calls = _calls(ranker, table)
    spent = _seconds(calls, num_rounds)
    predict = np.array(spent[PREDICT])
    cells = {}
    for name, seconds in spent.items():
        ratios = np.array(seconds) / predict
        low, middle, high = np.percentile(ratios, [25, 50, 75])
        cells[name] = f"{1e3 * np.median(seconds):.2f}"
        if name != PREDICT:
            cells[name] += f" ({middle:.0f}; {low:.0f} to {high:.0f})"
    return cells


def _calls(ranker: Ranker, table: pl.DataFrame) -> dict[str, Callable[[], object]]:
    row = table.drop("click").row(5, named=True)
    prepared = prepare_background(ranker, table)

    def explain(background: Any) -> Explanation:
        return fw.explain(ranker, row, background=background)

    def whole(background: Any) -> object:
        found = explain(background)
        return found.of_row(0), found.pairs(0), found.counterfactual(0)

    return {
        PREDICT: lambda: ranker.predict(row),
        "`fw.explain(ranker, row, background=prepared)`": lambda: explain(prepared),
        "… with pairs and counterfactual": lambda: whole(prepared),
        "… and printed, with faithfulness": lambda: repr(explain(prepared)),
        "`fw.explain(ranker, row, background=table)`": lambda: explain(table),
        "… with pairs and counterfactual ": lambda: whole(table),
        "… and printed, with faithfulness ": lambda: repr(explain(table)),
    }


def _seconds(
    calls: dict[str, Callable[[], object]], num_rounds: int
) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for place in range(num_rounds + 1):
        for name, call in calls.items():
            times = PREDICTIONS if name == PREDICT else 1
            found = [_timed(call) for _ in range(times)]
            if place:  # the first round warms up
                spent[name].append(float(np.median(found)))
    return spent


def _timed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


if __name__ == "__main__":
    main()
