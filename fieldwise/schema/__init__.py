"""The fields of a table: what they are, and how they are guessed."""

from fieldwise.schema.field import (
    CategoricalField,
    Field,
    Label,
    NumericField,
    SequenceField,
    VectorField,
)
from fieldwise.schema.schema import Schema

__all__ = [
    "CategoricalField",
    "Field",
    "Label",
    "NumericField",
    "Schema",
    "SequenceField",
    "VectorField",
]
