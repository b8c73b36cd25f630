"""The table a fit starts from: columns, labels, weights and the rows held out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise._checks import check_positive, check_share
from fieldwise.data.parts import default_split
from fieldwise.data.splits import ColumnSplit, Split
from fieldwise.estimators.held_out import stratified_hold_out
from fieldwise.schema import Label, Schema
from fieldwise.schema.inference import Override

__all__ = ["Targets", "TrainingTable", "training_table"]


@final
@dataclass(frozen=True)
class Targets:
    """What is learned about each row, beside its columns.

    Args:
        labels: one column per task, ``(row,)`` each.
        kind: of all of them; 1 is the positive value of binary ones.
        weights: of the rows; None for one each.
        groups: a column of ``X``, or numbers ``(row,)``, that say which rows are ranked
            together; None for none.
        strata: class of each row, ``(row,)``, to hold rows of each class out.
    """

    labels: Mapping[str, NDArray[Any]]
    kind: Literal["binary", "real"]
    weights: NDArray[np.float64] | None = None
    groups: str | NDArray[np.intp] | None = None
    strata: NDArray[np.intp] | None = None

    def of_rows(self, rows: NDArray[np.bool_]) -> "Targets":
        """Keep some rows.

        Args:
            rows: whether a row is kept, ``(row,)``.

        Returns:
            Their targets.
        """
        groups = self.groups
        return Targets(
            {name: values[rows] for name, values in self.labels.items()},
            self.kind,
            weights=None if self.weights is None else self.weights[rows],
            groups=groups[rows] if isinstance(groups, np.ndarray) else groups,
            strata=None if self.strata is None else self.strata[rows],
        )


@final
@dataclass(frozen=True)
class TrainingTable:
    """Arguments of ``fieldwise.fit``.

    Args:
        rows: all columns.
        schema: the fields and roles; not fitted yet.
        split: how rows are held out.
    """

    rows: pl.DataFrame
    schema: Schema
    split: Split


def training_table(
    columns: pl.DataFrame,
    targets: Targets,
    *,
    fields: Mapping[str, Override] | None,
    valid: float,
    seed: int,
) -> TrainingTable:
    """Put labels, weights and groups beside the columns, and guess the fields.

    Rows are held out as ``fieldwise.fit`` does, the latest ones where a column orders
    them in time, whole groups where there are groups, else at random; but of each
    class its share where there are classes. Rows of weight zero are left out.

    Args:
        columns: raw columns.
        targets: what is learned about the rows.
        fields: what columns are, where the guess is not right.
        valid: share of the rows to hold out.
        seed: of the rows that are held out.

    Returns:
        The table.

    Raises:
        SchemaError: if no column can be a field, or ``fields`` is impossible.
        DataError: if there are too few rows to hold some out.
        ValueError: if ``valid`` is no share above zero.
    """
    check_positive("valid", valid)
    check_share("valid", valid)
    if targets.weights is not None:
        counts = targets.weights > 0
        columns, targets = columns.filter(counts), targets.of_rows(counts)
    groups = targets.groups
    group = groups if isinstance(groups, str) else None
    schema = Schema.infer(columns, label=(), group=group, overrides=fields)
    added: dict[str, NDArray[Any]] = {
        _free_name(name, columns): values for name, values in targets.labels.items()
    }
    labels = tuple(_label(name, targets.kind) for name in added)
    roles: dict[str, Any] = {"labels": labels}
    if targets.weights is not None:
        roles["weight"] = _free_name("weight", columns)
        added[roles["weight"]] = targets.weights
    if isinstance(groups, np.ndarray):
        roles["group"] = _free_name("group", columns)
        added[roles["group"]] = groups
    schema = replace(schema, **roles)
    split = default_split(schema, valid=valid, seed=seed)
    if targets.strata is not None and schema.time is None:
        held_out = stratified_hold_out(targets.strata, share=valid, seed=seed)
        split = ColumnSplit(_free_name("part", columns))
        added[split.column] = np.where(held_out, "valid", "train")
    series = [pl.Series(name, values) for name, values in added.items()]
    return TrainingTable(columns.with_columns(series), schema, split)


def _label(name: str, kind: Literal["binary", "real"]) -> Label:
    return Label(name, kind, positive=1 if kind == "binary" else None)


def _free_name(name: str, columns: pl.DataFrame) -> str:
    while name in columns.columns:
        name += "_"
    return name
