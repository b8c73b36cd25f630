"""Untuned LightGBM on the same rows, the yardstick people know."""

import time
from typing import Any

import lightgbm
import numpy as np
import polars as pl

from fieldwise.data.parts import Parts
from fieldwise.metrics import auc, expected_calibration_error, log_loss
from fieldwise.schema import (
    CategoricalField,
    NumericField,
    Schema,
    SequenceField,
)

__all__ = ["run_lightgbm"]

MAX_LIST_COLUMNS = 500


def run_lightgbm(
    parts: Parts, schema: Schema, *, categories: bool, seed: int
) -> dict[str, float]:
    """Fit ``LGBMClassifier()`` with its defaults and score the test rows.

    Args:
        parts: the divided table.
        schema: which columns are names and which are quantities.
        categories: give names as LightGBM categories instead of ordered codes.
        seed: of LightGBM.

    Returns:
        Metrics of the test rows, and seconds.
    """
    started = time.perf_counter()
    train, test = parts.train.collect(), parts.test.collect()
    label = schema.label_names[0]
    positive = schema.labels[0].positive
    columns: list[np.ndarray[Any, Any]] = []
    columns_test: list[np.ndarray[Any, Any]] = []
    named: list[int] = []
    for field in schema:
        fitted, applied = train[field.name], test[field.name]
        if isinstance(field, CategoricalField):
            named.append(len(columns))
            kept = fitted.cast(pl.String).drop_nulls().unique().sort()
            codes = pl.DataFrame({"v": kept}).with_row_index("code")
            for column, out in ((fitted, columns), (applied, columns_test)):
                keyed = column.cast(pl.String).alias("v").to_frame()
                joined = keyed.join(codes, on="v", how="left", maintain_order="left")
                out.append(joined["code"].cast(pl.Float64).to_numpy())
        elif isinstance(field, NumericField):
            columns.append(fitted.cast(pl.Float64).to_numpy())
            columns_test.append(applied.cast(pl.Float64).to_numpy())
        elif isinstance(field, SequenceField):
            items = fitted.drop_nulls().explode().drop_nulls()
            frequent = items.value_counts(sort=True).head(MAX_LIST_COLUMNS)[field.name]
            for item in frequent.to_list():
                columns.append(fitted.list.contains(item).cast(pl.Float64).to_numpy())
                columns_test.append(
                    applied.list.contains(item).cast(pl.Float64).to_numpy()
                )
    model = lightgbm.LGBMClassifier(random_state=seed, verbose=-1)
    model.fit(
        np.column_stack(columns),
        (train[label] == positive).to_numpy(),
        categorical_feature=named if categories else "auto",
    )
    booster = model.booster_
    scores = np.asarray(booster.predict(np.column_stack(columns_test)))
    labels = (test[label] == positive).to_numpy().astype(float)
    return {
        "auc": auc(labels, scores),
        "log_loss": log_loss(labels, scores),
        "ece": expected_calibration_error(labels, scores),
        "seconds": time.perf_counter() - started,
    }
