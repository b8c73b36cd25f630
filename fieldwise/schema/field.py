"""One column of a table: its kind, how it is encoded, and what was learned about it.

A field starts with settings only (what the user says or inference guesses).
``Encoder.fit`` returns the same field with the learned part filled in: the size of
its vocabulary, the centre and scale of its numbers, the edges of its buckets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

from fieldwise._checks import check_choice, check_positive

__all__ = [
    "BUCKET_ENCODINGS",
    "FIELD_KINDS",
    "NUMERIC_ENCODINGS",
    "CategoricalField",
    "Field",
    "Label",
    "NumericField",
    "SequenceField",
    "ValueType",
    "VectorField",
]

NUMERIC_ENCODINGS = ("standard", "ple", "periodic", "quantile", "log_square")
"""How a number becomes an embedding; the last two are buckets with table rows."""

BUCKET_ENCODINGS = ("quantile", "log_square")

ValueType = Literal["string", "int", "uint", "float", "bool"]
"""How raw values of a vocabulary are compared; integers are 64 bits wide."""

LONGEST_LIST = 2**31 - 1
"""Of a sequence: places in a list are counted in 32 bits where they are shortened."""


def _check_vocabulary(
    min_count: int, max_size: int | None, num_features: int | None
) -> None:
    check_positive("min_count", min_count)
    _check_if_given(max_size=max_size, num_features=num_features)


def _check_if_given(**sizes: int | float | None) -> None:
    for name, size in sizes.items():
        if size is not None:
            check_positive(name, size)


@final
@dataclass(frozen=True, slots=True)
class CategoricalField:
    """A column whose values are names: each frequent value gets its own embedding.

    Args:
        name: column name.
        min_count: values seen fewer times in training share the unknown row.
        max_size: keep at most this many of the most frequent values.
        num_features: rows of its table, unknown row included; learned.
        value_type: how raw values are compared; learned.
    """

    kind: ClassVar[str] = "categorical"
    name: str
    min_count: int = 2
    max_size: int | None = None
    num_features: int | None = None
    value_type: ValueType | None = None

    def __post_init__(self) -> None:
        _check_vocabulary(self.min_count, self.max_size, self.num_features)

    @property
    def is_fitted(self) -> bool:
        """Whether the learned part is filled in."""
        return self.num_features is not None and self.value_type is not None


@final
@dataclass(frozen=True, slots=True)
class NumericField:
    """A column whose values are quantities.

    Args:
        name: column name.
        encoding: one of ``NUMERIC_ENCODINGS``.
        num_buckets: most buckets (``quantile``) or pieces (``ple``) to use.
        num_features: rows of the table for bucket encodings; learned.
        center: subtracted after the squash, learned on training rows.
        scale: divided by, learned on training rows.
        low: values below are clipped (raw units); learned.
        high: values above are clipped (raw units); learned.
        edges: bucket edges (``quantile``, raw units), piece edges (``ple``,
            standardised units) or kept bucket codes (``log_square``); learned.
        has_nulls: whether the training rows had missing values; learned.
    """

    kind: ClassVar[str] = "numeric"
    name: str
    encoding: str = "ple"
    num_buckets: int = 32
    num_features: int | None = None
    center: float | None = None
    scale: float | None = None
    low: float | None = None
    high: float | None = None
    edges: tuple[float, ...] = ()
    has_nulls: bool = False

    def __post_init__(self) -> None:
        check_choice("encoding", self.encoding, NUMERIC_ENCODINGS)
        check_positive("num_buckets", self.num_buckets)
        _check_if_given(num_features=self.num_features, scale=self.scale)

    @property
    def is_bucketed(self) -> bool:
        """Whether the value becomes an index of the shared table."""
        return self.encoding in BUCKET_ENCODINGS

    @property
    def is_fitted(self) -> bool:
        """Whether the learned part is filled in."""
        if self.is_bucketed:
            return self.num_features is not None
        return self.center is not None


@final
@dataclass(frozen=True, slots=True)
class SequenceField:
    """A column of ragged lists of names, pooled into one embedding per row.

    A null or empty list counts as a list that holds one null value, so that "nothing
    here" is a value of its own.

    Args:
        name: column name.
        min_count: values seen fewer times in training share the unknown row.
        max_size: keep at most this many of the most frequent values.
        max_length: keep the last this many items of each list.
        num_features: rows of its table, unknown row included; learned.
        value_type: how raw items are compared; learned.
    """

    kind: ClassVar[str] = "sequence"
    name: str
    min_count: int = 2
    max_size: int | None = None
    max_length: int = 100
    num_features: int | None = None
    value_type: ValueType | None = None

    def __post_init__(self) -> None:
        _check_vocabulary(self.min_count, self.max_size, self.num_features)
        check_positive("max_length", self.max_length)
        if self.max_length > LONGEST_LIST:
            message = (
                f"max_length must be at most {LONGEST_LIST}, got {self.max_length}."
            )
            raise ValueError(message)

    @property
    def is_fitted(self) -> bool:
        """Whether the learned part is filled in."""
        return self.num_features is not None and self.value_type is not None


@final
@dataclass(frozen=True, slots=True)
class VectorField:
    """A column of fixed-length lists of floats, for example a text embedding.

    Args:
        name: column name.
        vector_dim: length of every list; learned when not given.
    """

    kind: ClassVar[str] = "vector"
    name: str
    vector_dim: int | None = None

    def __post_init__(self) -> None:
        _check_if_given(vector_dim=self.vector_dim)

    @property
    def is_fitted(self) -> bool:
        """Whether the learned part is filled in."""
        return self.vector_dim is not None


Field = CategoricalField | NumericField | SequenceField | VectorField

FIELD_KINDS: Mapping[str, type[Field]] = {
    kind.kind: kind
    for kind in (CategoricalField, NumericField, SequenceField, VectorField)
}
"""The class of each kind of field."""


@final
@dataclass(frozen=True, slots=True)
class Label:
    """What to predict. A null label means "not observed" and is left out of the loss.

    Args:
        name: column name.
        kind: ``binary`` (two values) or ``real``; guessed from training rows if None.
        positive: the raw value that counts as 1; learned for binary labels.
        center: mean of a real label over training rows; learned.
        scale: standard deviation of a real label over training rows; learned.
    """

    name: str
    kind: Literal["binary", "real"] | None = None
    positive: str | int | float | bool | None = None
    center: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.kind is not None:
            check_choice("kind", self.kind, ("binary", "real"))
        check_positive("scale", self.scale)

    @property
    def is_fitted(self) -> bool:
        """Whether the learned part is filled in."""
        return self.kind == "real" or self.positive is not None
