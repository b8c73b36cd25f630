"""Two real tables with what real tables have: gaps, emoji, 64-bit identifiers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SHARE = 0.03
"""Of each column: nulls everywhere, unseen values in the rows that are compared."""
FIRST_IDENTIFIER = 2**62
HISTORY = 5


@dataclass(frozen=True)
class RealTable:
    """Rows to fit on, rows to compare on, and what is not guessed."""

    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    overrides: dict[str, Any]


def frappe(folder: Path, *, num_train: int, num_test: int) -> RealTable:
    """Frappe, with the last items of each user and the text of each item."""
    texts = pl.read_parquet(folder / "frappe_item_text_emb64.parquet")
    table = pl.read_parquet(folder / "frappe.parquet").join(
        texts, on="item", how="left", maintain_order="left"
    )
    wide = [pl.col(name).cast(pl.Int64) * 2**40 + 1 for name in ("user", "item")]
    table = table.with_columns(
        *wide,
        pl.format("{}\U0001f30d", "country").alias("country"),
        pl.when("has_text").then("emb").alias("text"),
        pl.col("weather").cast(pl.Float64) + 0.5,
        pl.col("isweekend") == pl.col("isweekend").max(),
    )
    before = [pl.col("item").shift(step).over("user") for step in range(1, HISTORY + 1)]
    table = table.with_columns(history=pl.concat_list(before).list.drop_nulls())
    table = table.drop("origin", "emb", "has_text")
    overrides: dict[str, Any] = {
        "cost": "categorical",
        "weather": {"kind": "categorical", "min_count": 2},
        "city": {"kind": "numeric", "encoding": "log_square"},
        "daytime": {"kind": "numeric", "encoding": "quantile"},
    }
    return _parts("frappe", table, overrides, num_train, num_test)


def criteo(folder: Path, *, num_train: int, num_test: int) -> RealTable:
    """Criteo: numbers in every encoding, hashes as text and as 64-bit numbers."""
    table = pl.read_parquet(folder / "criteo_137k.parquet")
    table = table.with_columns(
        *(pl.format("{}\U0001f984", f"C{k}").alias(f"C{k}") for k in range(1, 6)),
        *(pl.col(f"C{k}").cast(pl.UInt64) + 2**63 for k in range(6, 11)),
        *(pl.col(f"C{k}").cast(pl.Int64) - FIRST_IDENTIFIER for k in range(11, 16)),
    )
    encodings = ("quantile", "log_square", "standard", "periodic")
    overrides = {
        f"I{place}": {"kind": "numeric", "encoding": encoding}
        for place, encoding in enumerate(encodings, start=1)
    }
    return _parts("criteo", table, overrides, num_train, num_test)


def _parts(
    name: str,
    table: pl.DataFrame,
    overrides: dict[str, Any],
    num_train: int,
    num_test: int,
) -> RealTable:
    table = _with_gaps(table.sample(fraction=1.0, shuffle=True, seed=0))
    is_train = pl.col("split") == "train"
    train = table.filter(is_train).head(num_train).drop("split")
    test = table.filter(~is_train).head(num_test).drop("split")
    return RealTable(name, train, _with_unseen(test), overrides)


def _with_gaps(table: pl.DataFrame) -> pl.DataFrame:
    generator = np.random.default_rng(1)
    return _changed(table, lambda column: pl.lit(None), generator)


def _with_unseen(table: pl.DataFrame) -> pl.DataFrame:
    """Values that no training row has: text with an emoji, numbers next to others."""

    def unseen(name: str) -> pl.Expr:
        dtype = table.schema[name]
        column = pl.col(name)
        if dtype == pl.String:
            return pl.format("{}\U0001f600", column)
        if dtype.is_numeric():
            return column + 1
        return column

    return _changed(table, unseen, np.random.default_rng(2))


def _changed(table: pl.DataFrame, change: Any, generator: Any) -> pl.DataFrame:
    names = [name for name in table.columns if name not in ("label", "split")]
    for name in names:
        chosen = pl.Series("chosen", generator.random(len(table)) < SHARE)
        table = table.with_columns(chosen).with_columns(
            pl.when("chosen").then(change(name)).otherwise(name).alias(name)
        )
    return table.drop("chosen")
