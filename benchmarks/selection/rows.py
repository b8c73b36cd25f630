"""Which rows to train on for a slice: ``python -m benchmarks.selection.rows``.

Rows of the slice are the target, without their labels but for TAROT, which also gets a
model trained on the rows that are chosen from; these are the other training rows. For
each share of them, each method and each seed, a new model makes the same number of
steps on the chosen rows and is measured on test rows of the slice. The field that tells
the slice is not read. "Corrected" is with the logits shifted from the label rate of the
chosen rows to that of the rows that were chosen from.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.quality.study import prepare
from benchmarks.quality.tables import TABLES
from fieldwise.calibration import prior_logit_shift
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import EncodedParts, encode_parts
from fieldwise.data.field_view import view_fields
from fieldwise.data.loader import Loader
from fieldwise.data.selected_rows import rows_of
from fieldwise.data.splits import RandomSplit
from fieldwise.importance import Importance, RowNames
from fieldwise.metrics import auc, calibration_ratio, log_loss
from fieldwise.models import build_model
from fieldwise.scoring import score_batches
from fieldwise.selection import RankingData
from fieldwise.selection.dsir import effective_rows, kl_reduction, rank_by_dsir
from fieldwise.selection.full_model import train_full_model
from fieldwise.selection.gais import rank_by_gais
from fieldwise.selection.tarot import rank_by_tarot
from fieldwise.training import Recipe, Trainer

SHARES = (0.01, 0.05, 0.1, 0.25, 0.5)
MODEL, ARGUMENTS = "dnn", {"embedding_dim": 8, "hidden_dims": (64, 32), "dropout": 0.2}
BATCH_ROWS = 256


@final
@dataclass(frozen=True)
class Task:
    """What is chosen from, what it shall serve, and where that is measured."""

    data: RankingData
    target: Dataset
    test: Dataset

    @property
    def rate(self) -> float:
        """Of the label in the rows that are chosen from."""
        return float(self.data.train.labels.mean())


def make_task(
    encoded: EncodedParts, field: str, value: str, *, num_target: int
) -> Task:
    """Divide a table into a slice and all rows."""
    schema = encoded.encoder.schema
    column = [f.name for f in schema.index_fields].index(field)
    values = encoded.encoder.vocabularies[field].values.to_list()
    wanted = schema.table_offsets[column] + 1 + values.index(value)
    others = [name for name in schema.names if name != field]
    slices, views = {}, {}
    for part, dataset in encoded.datasets.items():
        slices[part] = np.flatnonzero(dataset.rows[:, column] == wanted)
        views[part] = view_fields(dataset, others)
    chosen = np.random.default_rng(0).permutation(slices["train"])[:num_target]
    rest = np.setdiff1d(np.arange(len(views["train"])), chosen)
    parts = {"train": views["train"].take(rest), "valid": views["valid"]}
    return Task(
        data=RankingData.of(parts),
        target=views["train"].take(chosen),
        test=views["test"].take(slices["test"]),
    )


def by_random(task: Task, seed: int) -> Importance:
    return _order(task, np.random.default_rng(seed).permutation(len(task.data.train)))


def by_stratum(task: Task, seed: int) -> Importance:
    """Draw the same share of each class."""
    return _within_classes(task, seed, lambda size: size)


def by_balance(task: Task, seed: int) -> Importance:
    """Draw as many rows of each class as long as there are any."""
    return _within_classes(task, seed, lambda size: 1)


def by_recency(task: Task, seed: int) -> Importance:
    """Take the last rows of the table first."""
    return _order(task, np.arange(len(task.data.train))[::-1])


def by_dsir(task: Task, seed: int) -> Importance:
    return rank_by_dsir(task.data.train, task.target, seed=seed)


def by_weight(task: Task, seed: int) -> Importance:
    """DSIR without its noise."""
    found = by_dsir(task, seed)
    return replace(found, scores=found.details["log_weight"])


def by_gais(task: Task, seed: int) -> Importance:
    return rank_by_gais(task.data, seed=seed)


def by_tarot(task: Task, seed: int) -> Importance:
    model = train_full_model(task.data, seed=seed)
    return rank_by_tarot(task.data.train, task.target, model=model, seed=seed)


METHODS: Mapping[str, Callable[[Task, int], Importance]] = {
    "random": by_random,
    "stratified": by_stratum,
    "class-balanced": by_balance,
    "most recent": by_recency,
    "DSIR": by_dsir,
    "DSIR, no noise": by_weight,
    "GAIS": by_gais,
    "TAROT": by_tarot,
}


def _within_classes(task: Task, seed: int, size: Callable[[int], int]) -> Importance:
    """Each class in random order, mixed in proportion to a size."""
    random = np.random.default_rng(seed)
    labels = task.data.train.labels[:, 0]
    places = np.empty(len(labels))
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        places[rows] = (np.arange(len(rows)) + random.random()) / size(len(rows))
    return _order(task, np.argsort(places, kind="stable"))


def _order(task: Task, order: NDArray[np.int64]) -> Importance:
    scores = np.empty(len(order))
    scores[order] = np.arange(len(order), 0, -1)
    names = RowNames.first(len(order))
    told: dict[str, Any] = {"meaning": "place from the end", "method": "by hand"}
    return Importance(unit="row", names=names, scores=scores, **told)


def fit_and_measure(task: Task, rows: Dataset, *, steps: int, seed: int) -> list[float]:
    """Train for some steps on some rows; AUC, log loss and calibration of the slice."""
    random = np.random.default_rng(seed)
    rounds = -(-steps * BATCH_ROWS // len(rows))
    drawn = np.concatenate([random.permutation(len(rows)) for _ in range(rounds)])
    # One epoch over rows that repeat is so many steps, however few rows there are.
    train = rows.take(drawn[: steps * BATCH_ROWS])
    torch.manual_seed(seed)
    model = build_model(MODEL, train.schema, **ARGUMENTS)
    recipe = Recipe(batch_size=BATCH_ROWS, num_epochs=1, seed=seed)
    Trainer(recipe, progress=False).fit(model, train)
    logits = score_batches(model, Loader(task.test, batch_size=8192).epoch(0))
    labels = task.test.labels[:, 0].astype(float)
    rate = np.clip(rows.labels.mean(), 0.5 / len(rows), 1 - 0.5 / len(rows))
    shift = prior_logit_shift(trained_rate=float(rate), rate=task.rate)
    raw, corrected = (1 / (1 + np.exp(-logits - s)) for s in (0.0, shift))
    return [
        auc(labels, logits),
        log_loss(labels, raw),
        log_loss(labels, corrected),
        calibration_ratio(labels, raw),
        calibration_ratio(labels, corrected),
    ]


def cells(
    task: Task, methods: list[str], *, steps: int, seeds: int
) -> Iterator[list[str]]:
    """One line for each method and share."""
    everything = [
        fit_and_measure(task, task.data.train, steps=steps, seed=seed)
        for seed in range(seeds)
    ]
    yield ["all rows", "100 %", *_told(everything), "", "", ""]
    for name in methods:
        rank = METHODS[name]
        started = time.perf_counter()
        found = [rank(task, seed) for seed in range(seeds)]
        seconds = (time.perf_counter() - started) / seeds
        for share in SHARES:
            k = round(share * len(task.data.train))
            chosen = [importance.top(k) for importance in found]
            nearer = [kl_reduction(s, task.data.train, task.target) for s in chosen]
            rows = [rows_of(selection, task.data.train) for selection in chosen]
            measured = [
                fit_and_measure(task, part, steps=steps, seed=seed)
                for seed, part in enumerate(rows)
            ]
            rate = np.mean([part.labels.mean() for part in rows])
            last = [f"{np.mean(nearer):+.3f}", f"{rate:.3f}", f"{seconds:.1f}"]
            yield [name, f"{share:.0%}", *_told(measured), *last]


def _told(measured: list[list[float]]) -> list[str]:
    means, spreads = np.mean(measured, axis=0), np.std(measured, axis=0, ddof=1)
    both = [
        f"{mean:.4f} ± {spread:.4f}"
        for mean, spread in zip(means, spreads, strict=True)
    ]
    return [*both[:3], *(f"{mean:.3f}" for mean in means[3:])]


HEADS = (
    *("method", "share", "AUC", "log loss", "corrected", "calibration", "corrected"),
    *("nearer, nats", "label rate", "seconds"),
)


def main() -> None:
    """Print a table of Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", default="adult", help="in benchmarks.quality.tables")
    parser.add_argument("--field", default="occupation", help="that tells the slice")
    parser.add_argument("--value", default="Prof-specialty", help="of the slice")
    parser.add_argument("--target", type=int, default=500, help="rows of the slice")
    parser.add_argument("--steps", type=int, default=300, help="of each fit")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", default=",".join(METHODS))
    options = parser.parse_args()
    methods = options.methods.split(",")
    if unknown := [name for name in methods if name not in METHODS]:
        parser.error(f"--methods must be among {', '.join(METHODS)}, got {unknown}.")
    table = replace(
        TABLES[options.table](), split=RandomSplit(valid=0.1, test=0.4, seed=1)
    )
    schema, parts = prepare(table)
    with tempfile.TemporaryDirectory() as folder:
        encoded = encode_parts(parts, schema, Path(folder))
        task = make_task(
            encoded, options.field, options.value, num_target=options.target
        )
        counts = [len(part) for part in (task.data.train, task.target, task.test)]
        print("chosen from {:,} rows, target {:,}, test {:,}\n".format(*counts))
        print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
        for line in cells(task, methods, steps=options.steps, seeds=options.seeds):
            print(f"| {' | '.join(line)} |", flush=True)
        print(f"\neffective rows of DSIR: {effective_rows(by_dsir(task, 0)):.0f}")


if __name__ == "__main__":
    main()
