"""What an exported file takes and gives, told inside the file itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np

from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.schema import (
    CategoricalField,
    Field,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.schema.field import ValueType

__all__ = [
    "INPUT_TYPES",
    "FieldInput",
    "describe",
    "describe_fields",
    "new_name",
    "unseen_value",
]

INPUT_TYPES: Mapping[ValueType, str] = {
    "string": "string",
    "int": "int64",
    "uint": "uint64",
    "float": "double",
    "bool": "int64",
}
"""Type of the input of a vocabulary. A boolean is 0 or 1; anything else is unseen."""


@final
@dataclass(frozen=True, slots=True)
class FieldInput:
    """The inputs of one field, as the metadata of the file tell them.

    Args:
        field: name of the column.
        kind: categorical, numeric, sequence or vector.
        input: name of the input of the values: ``(batch,)``; of a sequence
            ``(item,)``, the items of all rows one after the other; of a vector
            ``(batch, width)``.
        type: ONNX type of the values.
        value_type: how the values of a vocabulary are compared; None elsewhere.
        is_null: name of an input of booleans, one per value, True where it is null;
            None where there is no such input.
        lengths: name of the input of the lengths of a sequence, int64, ``(batch,)``.
        width: length of a vector; None elsewhere.
        null: how to pass a null, in words.
        unseen: a value that is not in the vocabulary, for one that has no such type.
    """

    field: str
    kind: str
    input: str
    type: str
    value_type: ValueType | None = None
    is_null: str | None = None
    lengths: str | None = None
    width: int | None = None
    null: str = ""
    unseen: str | int | None = None

    @property
    def names(self) -> list[str]:
        """Names of all inputs of the field."""
        names = (self.input, self.is_null, self.lengths)
        return [name for name in names if name is not None]


def new_name(wanted: str, taken: set[str]) -> str:
    """A name that nothing has yet, and that has it from now on.

    Args:
        wanted: the best name; an empty one is none in ONNX.
        taken: names that are taken; gets the new one.

    Returns:
        The wanted name, or one with underscores after it.
    """
    name = wanted or "_"
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def describe_fields(encoder: Encoder) -> list[FieldInput]:
    """Name the inputs of every field.

    Args:
        encoder: the fitted encoder.

    Returns:
        One entry per field, in the order of the schema.
    """
    # All values first: a column keeps its own name whatever others add to theirs.
    taken: set[str] = set()
    names = [new_name(name, taken) for name in encoder.schema.names]
    return [
        _describe(field, name, encoder, taken)
        for field, name in zip(encoder.schema, names, strict=True)
    ]


def _describe(field: Field, name: str, encoder: Encoder, taken: set[str]) -> FieldInput:
    match field:
        case NumericField():
            null = "NaN" if field.has_nulls else "NaN, the same as the mean"
            if field.is_bucketed and not field.has_nulls:
                null = "NaN, an unseen value"
            return FieldInput(field.name, field.kind, name, "double", null=null)
        case VectorField():
            return FieldInput(
                field.name,
                field.kind,
                name,
                "float",
                width=field.vector_dim,
                null="a row of NaN",
            )
        case CategoricalField() | SequenceField():
            return _describe_names(field, name, encoder.vocabularies[field.name], taken)


def _describe_names(
    field: CategoricalField | SequenceField,
    name: str,
    vocabulary: Vocabulary,
    taken: set[str],
) -> FieldInput:
    is_sequence = isinstance(field, SequenceField)
    value_type = vocabulary.value_type
    has_null = vocabulary.values.null_count() > 0
    flag = None
    if has_null and value_type != "float":
        flag = new_name(f"{name}.is_null", taken)
    if value_type == "float":
        null = "NaN"
    elif has_null:
        null = f"True in {flag}, with any value of the type beside it"
    else:
        null = "an unseen value: training rows had no null"
    if is_sequence:
        null = f"a list that is null has length 0, as an empty one; an item: {null}"
    return FieldInput(
        field.name,
        field.kind,
        name,
        INPUT_TYPES[value_type],
        value_type=value_type,
        is_null=flag,
        lengths=new_name(f"{name}.lengths", taken) if is_sequence else None,
        null=null,
        unseen=unseen_value(vocabulary),
    )


def unseen_value(vocabulary: Vocabulary) -> str | int:
    """Find a value that is not in a vocabulary.

    Args:
        vocabulary: of any type.

    Returns:
        The value, of the type of the input: text, or a whole number.
    """
    values = vocabulary.values.drop_nulls()
    if vocabulary.value_type == "string":
        text = "?"
        while (values == text).any():
            text += "?"
        return text
    # One number more than there are values: one of them is none.
    numbers = np.arange(len(values) + 1)
    if vocabulary.value_type in ("int", "bool"):
        numbers = -1 - numbers
    free = np.setdiff1d(numbers, values.to_numpy())
    return int(free[-1] if vocabulary.value_type in ("int", "bool") else free[0])


def describe(
    fields: Sequence[FieldInput],
    schema: Schema,
    *,
    values: Sequence[str],
    logits: Sequence[str],
    details: Mapping[str, Any],
) -> dict[str, str]:
    """What the file says of itself, as its metadata.

    Args:
        fields: the inputs.
        schema: names the labels.
        values: name of the output of each label: a probability, or a value.
        logits: name of the logit of each label.
        details: more facts, of JSON types.

    Returns:
        JSON text by key.
    """
    outputs = [
        {"label": label.name, "kind": label.kind, "value": value, "logit": logit}
        for label, value, logit in zip(schema.labels, values, logits, strict=True)
    ]
    inputs = [
        {key: value for key, value in asdict(field).items() if value is not None}
        for field in fields
    ]
    found = {"inputs": inputs, "outputs": outputs, **details}
    return {f"fieldwise.{key}": json.dumps(value) for key, value in found.items()}
