"""Encoded rows as one number a field, for methods that read a plain matrix.

Source: Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical
Attributes in Classification and Prediction Problems", SIGKDD Explorations 2001,
equation 4 with the blending of its section 3.
Differences from the paper: out of fold, so that no row sees its own label; the mean of
all labels is subtracted, so that a value that says nothing is 0.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_choice
from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import CategoricalField, Label, NumericField, Schema
from fieldwise.selection.numeric_columns import numbers_of

__all__ = ["ENCODINGS", "DesignMatrix", "one_label", "target_means"]

ENCODINGS = ("targets", "codes")
"""What becomes of a category: its out-of-fold target mean, or its number."""

NUM_FOLDS = 5
PRIOR_ROWS = 10.0
"""Rows with the mean label that every value is taken to have had beside its own."""

ROUNDING = 1e-12
"""A target mean as near to the mean label as this is equal to it."""


@final
@dataclass(frozen=True)
class DesignMatrix:
    """One number for each row and field, and what it shall explain.

    Args:
        columns: ``(row, field)``, in the order of the schema; no NaN.
        labels: of the rows, ``(row,)``.
        weights: of the rows, ``(row,)``, or None.
        is_binary: whether a label is 0 or 1, or a number.
    """

    columns: NDArray[np.float64]
    labels: NDArray[np.float64]
    weights: NDArray[np.float64] | None
    is_binary: bool

    @classmethod
    def of(
        cls, dataset: Dataset, *, encoding: str = "targets", seed: int = 0
    ) -> "DesignMatrix":
        """Read all rows whose label was observed.

        A number stands for itself, standardised as it is encoded; a missing one is the
        mean. Of a category the code says nothing but where it stands in the
        vocabulary, which is by falling count.

        Args:
            dataset: labelled rows.
            encoding: of categories, ``targets`` or ``codes``.
            seed: of the folds.

        Returns:
            The matrix, in memory.

        Raises:
            DataError: if there is not one label, or no row has it.
            SchemaError: if a field is a sequence or a vector; all are listed.
            ValueError: if there is no such encoding.
        """
        check_choice("encoding", encoding, ENCODINGS)
        schema = dataset.schema
        _check_kinds(schema)
        label, labels = one_label(dataset)
        seen = ~np.isnan(labels)
        labels = labels[seen]
        codes = {
            field.name: dataset.rows[seen, place] - schema.table_offsets[place]
            for place, field in enumerate(schema.index_fields)
        }
        numbers = numbers_of(dataset)[seen]
        columns = np.empty((len(labels), len(schema)))
        folds = np.random.default_rng(seed).permutation(len(labels)) % NUM_FOLDS
        for place, field in enumerate(schema):
            if field.name not in codes:
                number = schema.number_fields.index(field)
                columns[:, place] = np.nan_to_num(numbers[:, number])
            elif encoding == "codes":
                columns[:, place] = codes[field.name]
            else:
                columns[:, place] = target_means(codes[field.name], labels, folds)
        weights = dataset.weights
        return cls(
            columns=columns,
            labels=labels,
            weights=None if weights is None else weights[seen].astype(np.float64),
            is_binary=label.kind == "binary",
        )


def target_means(
    codes: NDArray[np.int32], labels: NDArray[np.float64], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    r"""How far the labels of a value lie from those of all rows, in the other folds.

    $$\frac{\sum_{i \in v} y_i - n_v \bar y}{n_v + m}$$

    Sums run over the rows of the other folds that have the value.

    Args:
        codes: value of each row, ``(row,)``.
        labels: of each row, ``(row,)``.
        folds: fold of each row, ``(row,)``, from 0 on.

    Returns:
        One number a row.
    """
    shape = (NUM_FOLDS, int(codes.max(initial=0)) + 1)
    cells = folds * shape[1] + codes
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    sums = np.bincount(cells, labels, shape[0] * shape[1]).reshape(shape)
    others = counts.sum(0) - counts
    other_sums = sums.sum(0) - sums
    num_others = np.maximum(others.sum(1, keepdims=True), 1)
    means = other_sums.sum(1, keepdims=True) / num_others
    effects = (other_sums - others * means) / (others + PRIOR_ROWS)
    effects[np.abs(effects) < ROUNDING] = 0.0
    found: NDArray[np.float64] = effects[folds, codes]
    return found


def one_label(dataset: Dataset) -> tuple[Label, NDArray[np.float64]]:
    """The only label of labelled rows.

    Args:
        dataset: the rows.

    Returns:
        The label, and what it is in each row, ``(row,)``; NaN means not observed.

    Raises:
        DataError: if there is not one label, or no row has it.
    """
    labels = dataset.labels.astype(np.float64)
    if labels.shape[1] != 1:
        message = (
            f"dataset must have one label to be ranked so, got {labels.shape[1]}. "
            "Rank the fields for each label by itself."
        )
        raise DataError(message)
    if np.isnan(labels).all():
        message = "dataset must have a row whose label was observed, got none."
        raise DataError(message)
    return dataset.schema.labels[0], labels[:, 0]


def _check_kinds(schema: Schema) -> None:
    known = CategoricalField | NumericField
    others = {
        field.name: field.kind for field in schema if not isinstance(field, known)
    }
    if others:
        message = (
            f"fields must be categorical or numeric to be ranked so, got {others}. "
            "Leave them out, or choose a method that reads every kind of field."
        )
        raise SchemaError(message)
