"""One system: fitted, exported, compared, timed."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnxruntime
import polars as pl

import fieldwise as fw
from benchmarks.export.rows import RealTable
from fieldwise.models import model_arguments
from fieldwise.ranker import Ranker
from fieldwise.serving.export import Export, export_ranker
from fieldwise.serving.export.feeds import feeds_of
from fieldwise.serving.export.inputs import describe_fields

SETTINGS = {"embedding_dim": 8, "hidden_dims": (32, 16)}
RECIPE = {"num_epochs": 1, "batch_size": 512, "learning_rate": 0.01}


@dataclass(frozen=True)
class Latency:
    """Milliseconds of the processor, as a median."""

    one_row: float
    thousand_rows: float


def fit_small(table: RealTable, model: str) -> Ranker:
    """A small ranker of any system."""
    known = model_arguments(model)
    schema = fw.Schema.infer(table.train, label="label", overrides=table.overrides)
    return fw.fit(
        table.train,
        schema=schema,
        model=model,
        model_arguments={k: v for k, v in SETTINGS.items() if k in known},
        recipe=RECIPE,
        progress=False,
    )


def export_all(
    ranker: Ranker, rows: pl.DataFrame, folder: Path
) -> tuple[Export, Export]:
    """Both forms of a ranker, each compared on all rows, however far they are."""
    return (
        export_ranker(ranker, folder / "model.onnx", rows=rows, tolerance=1),
        export_ranker(ranker, folder / "model.pt2", rows=rows, tolerance=1),
    )


def latency(ranker: Ranker, rows: pl.DataFrame, file: Path) -> Latency:
    """Time of the file itself on one thread, its inputs being at hand."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options)
    inputs = describe_fields(ranker.encoder)
    one, many = (feeds_of(inputs, rows.head(size)) for size in (1, 1000))
    return Latency(
        _median(lambda: session.run(None, one), 200),
        _median(lambda: session.run(None, many), 20),
    )


def _median(call: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        started = time.process_time()
        call()
        found.append(1000 * (time.process_time() - started))
    return statistics.median(found)
