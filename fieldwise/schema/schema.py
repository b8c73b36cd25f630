"""The fields of a table, in order, and the columns with a role.

No torch and no dataframe library here: a schema is plain data that travels with every
saved ranker. ``Schema.infer`` reads any in-memory table through Narwhals.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, final

from fieldwise.errors import SchemaError
from fieldwise.schema._plain import fits, read_plain
from fieldwise.schema.field import (
    FIELD_KINDS,
    CategoricalField,
    Field,
    Label,
    NumericField,
    SequenceField,
    VectorField,
)
from fieldwise.schema.inference import Override, guess_columns

__all__ = ["MAX_FEATURES", "Schema"]

MAX_FEATURES = 2**31 - 1
"""Rows one table may have: indices are 32-bit."""


@final
@dataclass(frozen=True)
class Schema:
    """The fields a model reads, and the columns it learns from.

    Examples:
        >>> schema = Schema((CategoricalField("site"),), labels=(Label("click"),))
        >>> len(schema), schema["site"].kind, schema.label_names
        (1, 'categorical', ('click',))

    Args:
        fields: the fields, in the order models see them.
        labels: what to predict; several for multi-task models.
        weight: column of row weights.
        group: column that says which rows are ranked together.
        time: column that orders the rows in time.

    Raises:
        SchemaError: listing everything that is wrong at once.
    """

    fields: tuple[Field, ...]
    labels: tuple[Label, ...] = ()
    weight: str | None = None
    group: str | None = None
    time: str | None = None

    def __post_init__(self) -> None:
        problems = []
        if not self.fields:
            problems.append("fields must hold at least one field, got none.")
        doubled = [
            name for name, count in Counter(map(str, self.names)).items() if count > 1
        ]
        if doubled:
            problems.append(f"field names must differ, got {doubled} more than once.")
        roles = [*self.label_names, self.weight, self.group, self.time]
        named = [name for name in roles if name is not None]
        twice = [name for name, count in Counter(named).items() if count > 1]
        if twice:
            problems.append(f"a column must have one role, got {twice} with several.")
        leaking = [name for name in self.label_names if name in self.names]
        if leaking:
            problems.append(f"a label must not be a field, got {leaking} as both.")
        if self.is_fitted and self.num_features > MAX_FEATURES:
            problems.append(
                f"the table must have at most {MAX_FEATURES} rows, got "
                f"{self.num_features}. Raise min_count or set max_size."
            )
        if problems:
            raise SchemaError(" ".join(problems))

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        message = f"name must be one of the fields {list(self.names)}, got {name!r}."
        raise SchemaError(message)

    @property
    def names(self) -> tuple[str, ...]:
        """Field names, in order."""
        return tuple(field.name for field in self.fields)

    @property
    def label_names(self) -> tuple[str, ...]:
        """Label names, in order."""
        return tuple(label.name for label in self.labels)

    @property
    def num_tasks(self) -> int:
        """Outputs a model needs: one per label, at least one."""
        return max(1, len(self.labels))

    @property
    def is_fitted(self) -> bool:
        """Whether every field knows its vocabulary size, scale or length."""
        return all(field.is_fitted for field in self.fields)

    @cached_property
    def index_fields(self) -> tuple[CategoricalField | NumericField, ...]:
        """Fields with exactly one index per row: categorical and bucketed numeric."""
        return tuple(
            field
            for field in self.fields
            if isinstance(field, CategoricalField)
            or (isinstance(field, NumericField) and field.is_bucketed)
        )

    @cached_property
    def number_fields(self) -> tuple[NumericField, ...]:
        """Numeric fields that reach the model as a float."""
        return tuple(
            field
            for field in self.fields
            if isinstance(field, NumericField) and not field.is_bucketed
        )

    @cached_property
    def sequence_fields(self) -> tuple[SequenceField, ...]:
        """Ragged fields."""
        return tuple(f for f in self.fields if isinstance(f, SequenceField))

    @cached_property
    def vector_fields(self) -> tuple[VectorField, ...]:
        """Fixed-length vector fields."""
        return tuple(f for f in self.fields if isinstance(f, VectorField))

    @cached_property
    def table_sizes(self) -> tuple[int, ...]:
        """Rows of each index field, then of each sequence field, in the shared table.

        Returns:
            One size per field.

        Raises:
            SchemaError: if a field is not fitted.
        """
        sizes = []
        for field in (*self.index_fields, *self.sequence_fields):
            if field.num_features is None:
                message = f"field {field.name!r} must be fitted. Fit an Encoder first."
                raise SchemaError(message)
            sizes.append(field.num_features)
        return tuple(sizes)

    @cached_property
    def table_offsets(self) -> tuple[int, ...]:
        """First row of each entry of ``table_sizes`` in the shared table."""
        return tuple(accumulate(self.table_sizes, initial=0))[:-1]

    @property
    def num_features(self) -> int:
        """Rows of the shared table."""
        return sum(self.table_sizes)

    def select(self, names: Sequence[str]) -> "Schema":
        """Keep some fields, in schema order.

        Args:
            names: the fields to keep.

        Returns:
            The reduced schema.

        Raises:
            SchemaError: if a name is not a field; all of them are listed.
        """
        missing = [name for name in names if name not in self]
        if missing:
            message = f"names must be fields of the schema, got unknown {missing}."
            raise SchemaError(message)
        kept = set(names)
        return replace(self, fields=tuple(f for f in self.fields if f.name in kept))

    @classmethod
    def infer(
        cls,
        table: Any,  # noqa: ANN401  any table Narwhals can read
        *,
        label: str | Sequence[str],
        weight: str | None = None,
        group: str | None = None,
        time: str | None = None,
        ignore: Sequence[str] = (),
        overrides: Mapping[str, Override] | None = None,
    ) -> "Schema":
        """Guess the fields of a table from types, cardinalities and names.

        ``fieldwise.inspect`` tells the reason of each guess.

        Args:
            table: a Polars, pandas or Arrow table, or a Polars LazyFrame; files are
                read with ``fieldwise.read_table``.
            label: the column to predict, or several.
            weight: column of row weights.
            group: column that says which rows are ranked together.
            time: column that orders the rows in time.
            ignore: columns that must not become fields.
            overrides: per column a kind, a field, or settings that replace the guess.

        Returns:
            A schema that is not fitted yet.

        Raises:
            SchemaError: listing missing or doubled columns, an empty table, a label
                with one class and impossible overrides, all at once.
        """
        labels = (label,) if isinstance(label, str) else tuple(label)
        guess = guess_columns(
            table,
            labels=labels,
            weight=weight,
            group=group,
            time=time,
            ignore=ignore,
            overrides=overrides or {},
        )
        return cls(
            fields=guess.fields,
            labels=guess.labels,
            weight=weight,
            group=group,
            time=guess.time,
        )

    def to_dict(self) -> dict[str, Any]:
        """The schema as plain JSON types."""
        return {
            "fields": [{"kind": field.kind, **asdict(field)} for field in self.fields],
            "labels": [asdict(label) for label in self.labels],
            "weight": self.weight,
            "group": self.group,
            "time": self.time,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Schema":
        """Read what ``to_dict`` wrote, checking every entry.

        Args:
            data: plain JSON types.

        Returns:
            The schema.

        Raises:
            SchemaError: if an entry is missing, unknown or of the wrong type.
        """
        try:
            roles = {name: data[name] for name in ("weight", "group", "time")}
            wrong = {k: v for k, v in roles.items() if not fits(v, str | None)}
            if wrong:
                message = f"roles must be column names, got {wrong}"
                raise SchemaError(message)
            return cls(
                fields=tuple(_field_from_dict(entry) for entry in data["fields"]),
                labels=tuple(read_plain(Label, entry) for entry in data["labels"]),
                **roles,
            )
        except (KeyError, TypeError, ValueError) as error:
            message = f"data must be a schema as Schema.to_dict writes it: {error}"
            raise SchemaError(message) from error


def _field_from_dict(entry: Any) -> Field:  # noqa: ANN401  not trusted yet
    settings = dict(entry)
    kind = settings.pop("kind", None)
    if not isinstance(kind, str) or kind not in FIELD_KINDS:
        message = f"a kind must be one of {list(FIELD_KINDS)}, got {kind!r}"
        raise SchemaError(message)
    return read_plain(FIELD_KINDS[kind], settings)
