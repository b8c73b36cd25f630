"""LightGBM on numbers and category codes: the yardstick people know, untuned."""

import os
import time
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers.runners.measuring import fastest, latencies, quality, seconds
from benchmarks.peers.settings import (
    CATEGORICAL,
    FIELDS,
    LABEL,
    MANY_ROWS,
    NUMERIC,
)
from benchmarks.peers.task import Task, answer

NUM_TREES, TREE_LEARNING_RATE = 200, 0.1


def train(task: Task) -> dict[str, Any]:
    """All trees; making codes of the names is not timed, binning them is."""
    lightgbm = import_module("lightgbm")
    columns, labels, test, test_labels = _read(task)
    settings = {
        "objective": "binary",
        "learning_rate": TREE_LEARNING_RATE,
        "num_threads": int(os.environ.get("OMP_NUM_THREADS", "2")),
        "seed": task.seed,
        "verbosity": -1,
    }
    started = time.perf_counter()
    rows = lightgbm.Dataset(
        columns,
        labels,
        categorical_feature=list(range(len(NUMERIC), len(FIELDS))),
        free_raw_data=True,
    )
    booster = lightgbm.train(settings, rows, num_boost_round=NUM_TREES)
    train_seconds = time.perf_counter() - started
    predict_seconds, probabilities = fastest(lambda: booster.predict(test))
    one, many = test[:1], test[:MANY_ROWS]
    return {
        "train_rows": len(labels),
        "train_rows_s": len(labels) / train_seconds,
        "predict_rows_s": len(test_labels) / predict_seconds,
        **quality(test_labels, probabilities),
        **latencies("one", lambda: booster.predict(one), calls=100),
        **latencies("many", lambda: booster.predict(many), calls=50),
    }


def _read(task: Task) -> Any:
    polars = import_module("polars")
    parts = [polars.read_parquet(task.raw(part)) for part in ("train", "test")]
    matrices = [np.empty((len(part), len(FIELDS)), dtype=np.float32) for part in parts]
    for position, name in enumerate(FIELDS):
        known = parts[0].select(name).drop_nulls().unique(maintain_order=True)
        codes = known.with_row_index("code")
        for part, matrix in zip(parts, matrices, strict=True):
            column = part.select(name)
            if name in CATEGORICAL:
                joined = column.join(codes, on=name, how="left", maintain_order="left")
                column = joined.select("code")
            matrix[:, position] = column.to_series().cast(polars.Float32).to_numpy()
    labels = [part[LABEL].to_numpy().astype(np.float32) for part in parts]
    return matrices[0], labels[0], matrices[1], labels[1]


def start(task: Task) -> dict[str, Any]:
    """Import what training needs."""
    return {"import_s": seconds(lambda: import_module("lightgbm"))}


if __name__ == "__main__":
    answer({"train": train, "start": start})
