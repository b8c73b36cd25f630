"""The recipe of DeepCTR-Torch's and torch-rechub's Criteo examples.

pandas, one scikit-learn ``LabelEncoder`` per column over all rows: neither library
knows what to do with a value that training rows did not have, so the examples let the
encoders see the test rows too. The counts are bucketed first, as for every library.
Kinder than the examples: codes are kept in 32 bits, and the rows as plain arrays.
"""

import pickle
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.settings import CATEGORICAL, FIELDS, LABEL, NUMERIC
from benchmarks.peers.task import Task, answer

Columns = dict[str, np.ndarray[Any, Any]]


def encode(task: Task) -> dict[str, Any]:
    """Raw files to Parquet files of codes, and the encoders beside them."""
    pandas = import_module("pandas")
    preprocessing = import_module("sklearn.preprocessing")
    started = time.perf_counter()
    read = pandas.read_csv if task.file_type == "csv" else pandas.read_parquet
    # Some names are all digits: a reader of CSV must be told that they are text.
    types = {"dtype": dict.fromkeys(CATEGORICAL, str)}
    arguments = types if task.file_type == "csv" else {}
    parts = [read(task.raw(part), **arguments) for part in ("train", "test")]
    table = pandas.concat(parts, ignore_index=True)
    table[list(CATEGORICAL)] = table[list(CATEGORICAL)].fillna("-1")
    table[list(NUMERIC)] = table[list(NUMERIC)].fillna(0)
    encoders = {}
    for name in FIELDS:
        if name in NUMERIC:
            values = table[name].to_numpy(dtype=np.float64)
            logs = np.log(np.maximum(values, 1.0))
            buckets = np.where(values > 2, np.floor(logs * logs), values)
            table[name] = buckets.astype(int)
        encoders[name] = preprocessing.LabelEncoder()
        table[name] = encoders[name].fit_transform(table[name]).astype(np.int32)
    folder = Path(task.encoded)
    folder.mkdir(parents=True)
    cut = len(parts[0])
    table.iloc[:cut].to_parquet(folder / "train.parquet", index=False)
    table.iloc[cut:].to_parquet(folder / "test.parquet", index=False)
    (folder / "encoders.pickle").write_bytes(pickle.dumps(encoders))
    elapsed = time.perf_counter() - started
    small = table.iloc[: task.small_rows]
    small.to_parquet(folder / "train_small.parquet", index=False)
    sizes = {name: len(encoder.classes_) for name, encoder in encoders.items()}
    (folder / "sizes.pickle").write_bytes(pickle.dumps(sizes))
    return {"encode_seconds": elapsed, "encode_rows_s": len(table) / elapsed}


def read_encoded(task: Task, part: str) -> tuple[Columns, np.ndarray[Any, Any]]:
    """Codes by field, and labels."""
    path = Path(task.encoded) / f"{part}.parquet"
    table = import_module("pandas").read_parquet(path)
    columns = {name: table[name].to_numpy() for name in FIELDS}
    return columns, table[LABEL].to_numpy(dtype=np.float32)


def num_codes(task: Task) -> dict[str, int]:
    """Number of codes by field."""
    sizes: dict[str, int] = pickle.loads(
        (Path(task.encoded) / "sizes.pickle").read_bytes()
    )
    return sizes


if __name__ == "__main__":
    answer({"encode": encode})
