"""A generated table in the shape of a display advertising log.

Thirteen counts with gaps, 26 columns of names whose frequencies follow a power law,
and a label drawn from a known probability: an effect of each value, and products of
effects for planted pairs of fields, which no additive model can express. Everything
follows from the seed. AUCs on it compare libraries with each other, nothing else.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.peers.settings import (
    CATEGORICAL,
    FIELDS,
    LABEL,
    NUMERIC,
    TEST_SHARE,
)
from fieldwise.metrics import auc

__all__ = ["RawTable", "generate", "write_table"]

# Rounded numbers of distinct values of a public advertising log; the largest are only
# ever partly seen.
NUM_VALUES = (
    *(1_500, 600, 10_000_000, 2_200_000, 300, 24, 12_500, 630, 3, 93_000, 5_700),
    *(8_400_000, 3_200, 26, 15_000, 5_500_000, 10, 5_700, 2_200, 4, 7_000_000, 18),
    *(15, 290_000, 100, 140_000),
)
POWER = 1.12
# Means and spreads of the logarithms of the counts.
LOG_MEANS = (1.0, 3.0, 1.8, 1.6, 8.0, 3.8, 1.8, 2.0, 4.0, 0.3, 0.8, 0.2, 1.6)
LOG_SPREADS = (1.2, 1.6, 1.5, 1.0, 2.0, 1.6, 1.4, 1.1, 1.4, 0.6, 1.1, 0.6, 1.1)
NUMERIC_GAPS = (*(0.45, 0, 0.2, 0.2, 0.03, 0.2, 0.05, 0, 0.05, 0.45), 0.05, 0.75, 0.2)
GAPS = {"C3": 0.03, "C4": 0.03, "C6": 0.12, "C12": 0.03, "C16": 0.03, "C19": 0.44}
GAPS |= {"C20": 0.44, "C21": 0.03, "C22": 0.76, "C24": 0.03, "C25": 0.44, "C26": 0.44}
PAIRS = (
    *(("C1", "C14"), ("C2", "C17"), ("C5", "C23"), ("C8", "C6"), ("C9", "C13")),
    *(("C18", "C20"), ("C11", "C25"), ("C7", "C14"), ("C19", "C2"), ("C15", "C17")),
    *(("C10", "C23"), ("I2", "C5"), ("I5", "C9"), ("I6", "C14"), ("I9", "C6")),
)
PAIR_SHARE = 0.5  # of the variance of the logit
LOGIT_SPREAD = 1.35
POSITIVE_SHARE = 0.256
NUM_EFFECTS = 1 << 16  # effects per field: rare values share them

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RawTable:
    """The rows, and the probability each label was drawn with."""

    frame: pl.DataFrame
    probabilities: Floats


def generate(num_rows: int, *, seed: int = 2024) -> RawTable:
    """Draw a table; the same arguments always give the same one."""
    columns: dict[str, pl.Series] = {}
    effects: dict[str, Floats] = {}
    for position, name in enumerate(FIELDS):
        random = np.random.default_rng([seed, position])
        draw = _draw_counts if name in NUMERIC else _draw_names
        columns[name], effects[name] = draw(name, num_rows, random)
    random = np.random.default_rng([seed, len(FIELDS)])
    alone = _standardised(np.sum(list(effects.values()), axis=0))
    together = _standardised(
        np.sum([effects[a] * effects[b] for a, b in PAIRS], axis=0)
    )
    logits = LOGIT_SPREAD * (
        np.sqrt(1 - PAIR_SHARE) * alone + np.sqrt(PAIR_SHARE) * together
    )
    probabilities = _with_mean(logits, POSITIVE_SHARE)
    labels = random.random(num_rows) < probabilities
    label = pl.Series(labels.astype(np.int64))
    return RawTable(pl.DataFrame({LABEL: label, **columns}), probabilities)


def write_table(folder: Path, num_rows: int, *, csv: bool = False) -> dict[str, Any]:
    """Write train and test files unless they are there; what is known about them."""
    about = folder / "about.json"
    if not about.exists():
        folder.mkdir(parents=True, exist_ok=True)
        table = generate(num_rows)
        cut = num_rows - int(num_rows * TEST_SHARE)
        table.frame.head(cut).write_parquet(folder / "train.parquet")
        table.frame.tail(num_rows - cut).write_parquet(folder / "test.parquet")
        about.write_text(json.dumps(_describe(table, cut), indent=1), "utf-8")
    for part in ("train", "test") if csv else ():
        path = folder / f"{part}.csv"
        if not path.exists():
            pl.read_parquet(path.with_suffix(".parquet")).write_csv(path)
    known: dict[str, Any] = json.loads(about.read_text("utf-8"))
    return known


def _describe(table: RawTable, cut: int) -> dict[str, Any]:
    frame = table.frame
    labels = frame[LABEL].to_numpy().astype(np.float64)
    return {
        "rows": len(frame),
        "train_rows": cut,
        "positive_share": float(labels.mean()),
        "distinct_names": sum(frame[name].n_unique() for name in CATEGORICAL),
        "bayes_auc": auc(labels[cut:], table.probabilities[cut:]),
    }


def _draw_counts(
    name: str, num_rows: int, random: np.random.Generator
) -> tuple[pl.Series, Floats]:
    position = NUMERIC.index(name)
    mean, spread = LOG_MEANS[position], LOG_SPREADS[position]
    counts = np.floor(np.minimum(random.lognormal(mean, spread, num_rows), 2e6))
    missing = random.random(num_rows) < NUMERIC_GAPS[position]
    slope, wave, gap = random.normal(size=3)
    depths = (np.log1p(counts) - mean) / spread
    effects = slope * depths + wave * np.cos(2 * depths)
    return (
        _with_gaps(pl.Series(counts.astype(np.int64)), missing),
        np.where(missing, gap, effects),
    )


def _draw_names(
    name: str, num_rows: int, random: np.random.Generator
) -> tuple[pl.Series, Floats]:
    position = CATEGORICAL.index(name)
    values = _power_law(random.random(num_rows), NUM_VALUES[position])
    missing = random.random(num_rows) < GAPS.get(name, 0.0)
    hashes = _mixed(values + np.uint64(position + 1 << 40))
    effects = random.normal(size=NUM_EFFECTS)[hashes % np.uint64(NUM_EFFECTS)]
    # Only distinct values are spelled out.
    distinct, where = np.unique(hashes & np.uint64(0xFFFFFFFF), return_inverse=True)
    names = pl.Series([f"{value:08x}" for value in distinct.tolist()])
    spelled = names.gather(pl.Series(where.astype(np.uint32)))
    return _with_gaps(spelled, missing), np.where(missing, 0.0, effects)


def _power_law(uniform: Floats, num_values: int) -> NDArray[np.uint64]:
    """Ranks from 0 whose frequency falls as ``(rank + 1) ** -POWER``."""
    tail = (num_values + 1) ** (1 - POWER) - 1
    ranks: Floats = (1 + uniform * tail) ** (1 / (1 - POWER)) - 1
    return np.minimum(ranks, num_values - 1).astype(np.uint64)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # The finaliser of SplitMix64: neighbours become unrelated.
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def _with_gaps(column: pl.Series, missing: NDArray[np.bool_]) -> pl.Series:
    frame = pl.DataFrame({"value": column, "missing": missing})
    return frame.select(pl.when(~pl.col("missing")).then("value"))["value"]


def _standardised(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())


def _with_mean(logits: Floats, share: float) -> Floats:
    """Probabilities of shifted logits, the shift found by bisection."""
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = float((1 / (1 + np.exp(-(logits + middle)))).mean())
        low, high = (middle, high) if mean < share else (low, middle)
    return np.asarray(1 / (1 + np.exp(-(logits + low))))
