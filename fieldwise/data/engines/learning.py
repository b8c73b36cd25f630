"""An encoder learned by the queries of an engine.

What travels here is what ends up in the encoder: counts of frequent values, a sample of
numbers, the classes of the labels, the lengths of vectors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.columns import read_numbers
from fieldwise.data.counting import MAX_SAMPLE, SAMPLE_CELLS
from fieldwise.data.encoder import Encoder
from fieldwise.data.engines.counting import count_values, learn_vocabulary
from fieldwise.data.engines.engine import ROW, Engine, collect
from fieldwise.data.numbers import fit_numeric
from fieldwise.data.targets import LabelStudy
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import DataError
from fieldwise.schema import (
    CategoricalField,
    Field,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

__all__ = ["learn_encoder", "sample_step"]

Numbers = Mapping[str, NDArray[np.float64]]


def sample_step(num_rows: int, num_columns: int) -> int:
    """Every how many-th training row a ``NumberSample`` of a table holds in the end.

    Args:
        num_rows: training rows.
        num_columns: sampled columns.

    Returns:
        A power of two.
    """
    most = min(MAX_SAMPLE, max(1000, SAMPLE_CELLS // max(1, num_columns)))
    step = 1
    while -(-num_rows // step) > most:
        step *= 2
    return step


def learn_encoder(
    engine: Engine,
    schema: Schema,
    train: nw.LazyFrame[Any],
    rows: NDArray[np.int64],
    *,
    progress: Callable[[int], None],
) -> Encoder:
    """Learn vocabularies, scales and labels.

    Args:
        engine: where the rows are.
        schema: the fields and labels.
        train: training rows.
        rows: their numbers, in order.
        progress: called with 1 for every field that is done.

    Returns:
        The encoder that ``Encoder.fit`` learns of the same rows.

    Raises:
        SchemaError: if a label has one class, or a column cannot be read.
        DataError: if there are no training rows.
    """
    if not len(rows):
        message = "frame must have training rows, got none."
        raise DataError(message)
    studies = [LabelStudy(label, engine.types[label.name]) for label in schema.labels]
    numeric = [field for field in schema if isinstance(field, NumericField)]
    real = [study.name for study in studies if study.may_be_real]
    sample = _sample(engine, train, rows, [*(f.name for f in numeric), *real])
    has_nulls = _find_nulls(engine, train, numeric)
    vocabularies: dict[str, Vocabulary] = {}
    fields: list[Field] = []
    for field in schema:
        match field:
            case CategoricalField() | SequenceField():
                vocabulary = learn_vocabulary(engine, train, field, num_rows=len(rows))
                vocabularies[field.name] = vocabulary
                fields.append(_with_vocabulary(field, vocabulary))
            case NumericField(name=name):
                fields.append(
                    fit_numeric(field, sample[name], has_nulls=has_nulls[name])
                )
            case VectorField():
                fields.append(_learn_vector(train, field))
        progress(1)
    labels = tuple(
        _learn_label(engine, train, label, study, sample)
        for label, study in zip(schema.labels, studies, strict=True)
    )
    fitted = replace(schema, fields=tuple(fields), labels=labels)
    return Encoder(fitted, vocabularies)


def _with_vocabulary(
    field: CategoricalField | SequenceField, vocabulary: Vocabulary
) -> Field:
    return replace(
        field,
        num_features=vocabulary.num_features,
        value_type=vocabulary.value_type,
    )


def _sample(
    engine: Engine,
    train: nw.LazyFrame[Any],
    rows: NDArray[np.int64],
    names: Sequence[str],
) -> Numbers:
    """The numbers a ``NumberSample`` of the same rows holds, in their order."""
    if not names:
        return {}
    chosen = pl.DataFrame({ROW: rows[:: sample_step(len(rows), len(names))]})
    sampled = train.select(ROW, *names).join(engine.upload(chosen), on=ROW, how="semi")
    found = collect(sampled).sort(ROW)
    return {name: read_numbers(found[name].cast(engine.types[name])) for name in names}


def _find_nulls(
    engine: Engine, train: nw.LazyFrame[Any], fields: Sequence[NumericField]
) -> dict[str, bool]:
    """Whether numbers are missing in any training row, not only in the sample."""
    types = {field.name: engine.types[field.name] for field in fields}
    # Only this process knows which texts are numbers.
    texts = [name for name, dtype in types.items() if not dtype.is_numeric()]
    missing = []
    for name, dtype in types.items():
        column = nw.col(name)
        is_null = column.is_null()
        if dtype.is_float():
            is_null = is_null | column.is_nan().fill_null(value=False)
        if name not in texts:
            missing.append(is_null.any().alias(name))
    found = collect(train.select(*missing)).row(0, named=True) if missing else {}
    for name in texts:
        values = collect(count_values(train.select(nw.col(name).alias("value"))))
        text = values["value"].alias(name).cast(types[name])
        found[name] = np.isnan(read_numbers(text)).any()
    return {name: bool(flag) for name, flag in found.items()}


def _learn_vector(train: nw.LazyFrame[Any], field: VectorField) -> Field:
    lengths = train.select(nw.col(field.name).list.len().alias("value"))
    found = collect(count_values(lengths))["value"].drop_nulls().sort().head(6)
    # One vector of each length teaches what all of them do; an error names a few.
    vectors = pl.Series(
        field.name, [[0.0] * length for length in found], dtype=pl.List(pl.Float64)
    )
    frame = vectors.extend_constant(None, 1).to_frame().lazy()
    return Encoder.fit(frame, Schema((field,))).schema[field.name]


def _learn_label(
    engine: Engine,
    train: nw.LazyFrame[Any],
    label: Label,
    study: LabelStudy,
    sample: Numbers,
) -> Label:
    if label.kind != "real":
        name, dtype = label.name, engine.types[label.name]
        values = train.select(nw.col(name).alias("value")).drop_nulls()
        if dtype.is_float():
            values = values.filter(~nw.col("value").is_nan())
        distinct = count_values(values).select("value")
        if label.positive is None:
            # The smallest three tell two classes from more.
            distinct = distinct.sort("value").head(3)
        classes = collect(distinct)["value"].alias(name).cast(dtype)
        study.add(classes.to_frame())
    return study.learn(sample[study.name] if study.may_be_real else None)
