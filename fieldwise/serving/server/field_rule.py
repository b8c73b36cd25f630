"""What a client may send for each field of a ranker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, final

import polars as pl

from fieldwise.schema import (
    CategoricalField,
    Field,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.serving.server.item_rule import ENTRY, ITEM_RULES, NUMBER, ItemRule

__all__ = ["FieldRule", "rules_of"]


@final
@dataclass(frozen=True)
class FieldRule:
    """What the values of one field must be.

    Args:
        name: of the field.
        kind: of the field.
        item: what each value, or each item of a list, must be.
        is_list: whether values are lists.
        length: which all lists must have; None for any.
    """

    name: str
    kind: str
    item: ItemRule
    is_list: bool = False
    length: int | None = None

    @property
    def must(self) -> str:
        """The rule, in words."""
        if not self.is_list:
            return self.item.must
        size = "" if self.length is None else f" of length {self.length}"
        return f"must be null or a list{size} whose items {self.item.must}"

    @property
    def dtype(self) -> Any:  # noqa: ANN401  a type of Polars
        """Of a column of such values."""
        return pl.List(self.item.dtype) if self.is_list else self.item.dtype

    @property
    def json_schema(self) -> dict[str, Any]:
        """The rule as JSON Schema."""
        if not self.is_list:
            return _nullable(self.item.json_schema)
        items = _nullable(self.item.json_schema)
        listed: dict[str, Any] = {"type": ["array"], "items": items}
        if self.length is not None:
            listed |= {"minItems": self.length, "maxItems": self.length}
        return _nullable(listed)

    def clean(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """Check a column.

        Args:
            values: as JSON says them.

        Returns:
            The same values, of one type each; None where some value breaks the rule.
        """
        if not self.is_list:
            return self.item.clean(values)
        for value in values:
            if value is not None and type(value) is not list:
                return None
            if value is not None and self.length not in (None, len(value)):
                return None
        items = list(chain.from_iterable(value or () for value in values))
        cleaned = self.item.clean(items)
        if cleaned is None or cleaned is items:
            return None if cleaned is None else values
        rest = iter(cleaned)
        return [
            None if value is None else list(islice(rest, len(value)))
            for value in values
        ]


def _nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [*schema["type"], "null"]}


def rules_of(schema: Schema) -> tuple[FieldRule, ...]:
    """The rules of all fields.

    Examples:
        >>> schema = Schema((CategoricalField("site", value_type="string"),))
        >>> rules_of(schema)[0].json_schema
        {'type': ['string', 'null']}

    Args:
        schema: fitted.

    Returns:
        One for each field, in their order.
    """
    return tuple(map(_rule_of, schema))


def _rule_of(field: Field) -> FieldRule:
    match field:
        case CategoricalField():
            item = ITEM_RULES[field.value_type or "string"]
            return FieldRule(field.name, field.kind, item)
        case NumericField():
            return FieldRule(field.name, field.kind, NUMBER)
        case SequenceField():
            item = ITEM_RULES[field.value_type or "string"]
            return FieldRule(field.name, field.kind, item, is_list=True)
        case VectorField():
            return FieldRule(
                field.name, field.kind, ENTRY, is_list=True, length=field.vector_dim
            )
