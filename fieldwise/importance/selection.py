"""Which units are kept, and what becomes of each."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_choice
from fieldwise.errors import DataError
from fieldwise.importance._names import (
    FORMAT_VERSION,
    SHOWN,
    UNITS,
    Name,
    Names,
    check_names,
    label,
    plain_names,
    plural,
    read_json,
    read_names,
)
from fieldwise.importance.row_names import RowNames

if TYPE_CHECKING:
    from fieldwise.schema import Schema

__all__ = ["Selection"]


@final
@dataclass(frozen=True)
class Selection:
    """Which units are kept, and what becomes of each.

    Examples:
        >>> chosen = Selection("field", ("site",), ("site", "hour"))
        >>> chosen
        Selection of 1 of 2 fields: site
        >>> chosen.dropped
        ('hour',)

    Args:
        unit: what is chosen from, one of ``UNITS``.
        kept: names of the units that stay, in the order of ``names``.
        names: all units there were.
        choices: what becomes of a kept unit, where that was chosen, too; for pairs of
            fields ``memorize`` or ``factorize``.

    Raises:
        DataError: if names repeat, or what is kept or chosen for was not there.
        ValueError: if there is no such unit.
    """

    unit: str
    kept: Names
    names: Names
    choices: Mapping[Name, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("unit", self.unit, UNITS)
        check_names(self.names)
        if self.kept != self._where(is_kept=True):
            message = f"kept must be some of names, in their order, got {self.kept}."
            raise DataError(message)
        kept = set(self.kept) if self.choices else ()
        strange = [name for name in self.choices if name not in kept]
        if strange:
            message = f"choices must be of units that are kept, got {strange}."
            raise DataError(message)

    def __len__(self) -> int:
        return len(self.kept)

    def __repr__(self) -> str:
        shown = [
            label(name) + (f" ({self.choices[name]})" if name in self.choices else "")
            for name in self.kept[:SHOWN]
        ]
        more = len(self) - len(shown)
        told = ", ".join(shown) + (f" and {more} more" if more else "")
        counted = f"{len(self)} of {len(self.names)} {plural(self.unit)}"
        return f"Selection of {counted}: {told or 'none'}"

    @property
    def dropped(self) -> Names:
        """Names of the units that go."""
        return self._where(is_kept=False)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Numbers of the rows that are kept, in the order of ``names``, ``(row,)``.

        Raises:
            DataError: if the selection is not one of rows by number.
        """
        if self.unit != "row" or not isinstance(self.kept, RowNames):
            message = (
                "selection must be of rows, named by their numbers, got one of "
                f"{plural(self.unit)}."
            )
            raise DataError(message)
        return self.kept.numbers

    def _where(self, *, is_kept: bool) -> Names:
        """Those of ``names`` that are kept, or the others."""
        if isinstance(self.names, RowNames) and isinstance(self.kept, RowNames):
            mask = np.isin(self.names.numbers, self.kept.numbers)
            return self.names.at(mask == is_kept)
        kept = set(self.kept)
        return tuple(name for name in self.names if (name in kept) == is_kept)

    def apply_to(self, schema: "Schema") -> "Schema":
        """Keep the selected fields of a schema.

        Args:
            schema: the fields that were chosen from.

        Returns:
            The reduced schema.

        Raises:
            DataError: if the selection is not one of fields.
            SchemaError: if a field is not in the schema, or none is kept.
        """
        if self.unit != "field":
            message = f"unit must be 'field' to reduce a schema, got {self.unit!r}."
            raise DataError(message)
        return schema.select([str(name) for name in self.kept])

    def to_dict(self) -> dict[str, Any]:
        """The selection as plain JSON types."""
        return {
            "unit": self.unit,
            "kept": plain_names(self.kept),
            "names": plain_names(self.names),
            "choices": [
                [*plain_names([n]), choice] for n, choice in self.choices.items()
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Selection":
        """Read what ``to_dict`` wrote.

        Args:
            data: plain JSON types.

        Returns:
            The selection.

        Raises:
            DataError: if it is none.
        """
        try:
            chosen = read_names([name for name, _ in data["choices"]])
            choices = [str(choice) for _, choice in data["choices"]]
            names = read_names(data["names"])
            return cls(
                unit=str(data["unit"]),
                kept=read_names(data["kept"], max_rows=len(names)),
                names=names,
                choices=dict(zip(chosen, choices, strict=True)),
            )
        # Whatever goes wrong with what may come from a stranger, the data are bad.
        except Exception as error:
            message = f"data must be a selection as to_dict writes it: {error}"
            raise DataError(message) from error

    def save(self, path: str | Path) -> None:
        """Write the selection to a JSON file, all of it or nothing.

        Args:
            path: the file; one that is there is replaced.
        """
        path = Path(path)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        content = {"format_version": FORMAT_VERSION, **self.to_dict()}
        try:
            partial.write_text(json.dumps(content, indent=1), "utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | Path) -> "Selection":
        """Read a selection that ``save`` wrote.

        Args:
            path: the file.

        Returns:
            The selection.

        Raises:
            DataError: if the file is missing or damaged.
        """
        return cls.from_dict(read_json(Path(path)))
