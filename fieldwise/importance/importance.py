"""A score for each unit of a table or model."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._bounded_read import read_bounded
from fieldwise._bounded_table import read_bounded_table
from fieldwise._checks import check_choice, check_non_negative, read_vector
from fieldwise._new_folder import new_folder
from fieldwise.errors import DataError, ShapeError
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
from fieldwise.importance.selection import Selection

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Importance"]

ABOUT, SCORES = "about.json", "scores.parquet"
MAX_SCORES_BYTES = 2**31 - 1


@final
@dataclass(frozen=True, eq=False)
class Importance:
    """A score for each unit: the higher, the more it matters.

    Scores compare within one importance only.

    Examples:
        >>> found = Importance(
        ...     unit="field",
        ...     names=("site", "hour", "device"),
        ...     scores=np.array([0.5, 0.1, 0.5]),
        ...     meaning="AUC lost without it",
        ...     method="permutation",
        ... )
        >>> found
        Importance of 3 fields by permutation: AUC lost without it
          device  0.5
          site    0.5
          hour    0.1
        >>> found.top(1).kept, found.above(0.1).kept
        (('device',), ('site', 'device'))

    Args:
        unit: what has a score, one of ``UNITS``.
        names: of all units, in the order of the schema or model; each is a string, or
            each is a tuple of strings. Of rows their numbers, as ``RowNames``: a
            million of them are then as cheap as their scores.
        scores: one per name; higher means that it matters more.
        meaning: what a score says, in words, with its unit of measure.
        method: what found it.
        data_fingerprint: checksum of the rows it was found on.
        seed: of everything random behind it; None where nothing was.
        details: further numbers behind the scores, one column a name.

    Raises:
        DataError: if numbers are not finite, or names repeat or are not alike.
        ShapeError: if there is not one number per name.
        ValueError: if there is no such unit.
    """

    unit: str
    names: Names
    scores: NDArray[np.float64]
    meaning: str
    method: str
    data_fingerprint: str = ""
    seed: int | None = None
    details: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("unit", self.unit, UNITS)
        check_names(self.names)
        clashing = {"name", "score"} & set(self.details)
        if clashing:
            message = f"details must not be called {sorted(clashing)}."
            raise DataError(message)
        details = {
            name: self._column(name, self.details[name]) for name in self.details
        }
        object.__setattr__(self, "scores", self._column("scores", self.scores))
        object.__setattr__(self, "details", details)

    def _column(self, name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        column = read_vector(name, values, "finite").copy()
        if len(column) != len(self.names):
            message = f"{name} must be {len(self.names)} numbers, got {len(column)}."
            raise ShapeError(message)
        column.flags.writeable = False
        return column

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Importance) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it holds arrays

    def __repr__(self) -> str:
        order = self._order()[:SHOWN].tolist()
        labels = [label(self.names[place]) for place in order]
        columns = [labels] + [
            [f"{values[place]:.4g}" for place in order]
            for values in (self.scores, *self.details.values())
        ]
        if self.details:
            heads = ["", "score", *self.details]
            columns = [[head, *c] for head, c in zip(heads, columns, strict=True)]
        widths = [max(map(len, column), default=0) for column in columns]
        lines = [
            "  " + "  ".join(map(str.ljust, row, widths)).rstrip()
            for row in zip(*columns, strict=True)
        ]
        more = len(self) - len(order)
        counted = f"{len(self)} {self.unit if len(self) == 1 else plural(self.unit)}"
        title = f"Importance of {counted} by {self.method}: {self.meaning}"
        return "\n".join([title, *lines, *([f"  ({more} more)"] if more else [])])

    def _order(self) -> NDArray[np.intp]:
        """Places by falling score; equal scores in the order of their names."""
        if isinstance(self.names, RowNames):
            return np.lexsort((self.names.numbers, -self.scores))
        names, scores = self.names, self.scores.tolist()
        places = sorted(range(len(self)), key=lambda p: (-scores[p], names[p]))
        return np.array(places, dtype=np.intp)

    @property
    def ranked(self) -> Names:
        """Names by falling score; equal scores in the order of their names.

        Rows of equal score are in the order of their numbers.
        """
        if isinstance(self.names, RowNames):
            return self.names.at(self._order())
        return tuple(self.names[place] for place in self._order().tolist())

    def top(self, k: int) -> "Selection":
        """Keep a number of units; those of a smaller number are among them.

        Args:
            k: how many.

        Returns:
            The selection.

        Raises:
            ValueError: if there are not so many.
        """
        if not 0 <= k <= len(self):
            message = f"k must be in [0, {len(self)}], got {k}."
            raise ValueError(message)
        return self._keep(self._order()[:k])

    def above(self, threshold: float) -> "Selection":
        """Keep the units with scores above a threshold.

        Args:
            threshold: scores that equal it are not kept.

        Returns:
            The selection.
        """
        return self._keep(np.flatnonzero(self.scores > threshold))

    def budget(
        self, costs: Mapping[Name, int | float], limit: int | float
    ) -> "Selection":
        """Keep the first units by score whose costs together stay within a limit.

        It stops at the first unit that would exceed the limit, so those of a smaller
        limit are among those of a larger one.

        Args:
            costs: of every unit, for example in parameters, bytes or milliseconds.
            limit: of the sum of costs.

        Returns:
            The selection.

        Raises:
            ValueError: if the costs are not those of all units, or one is negative.
        """
        missing = [name for name in self.names if name not in costs]
        if missing:
            message = f"costs must hold every unit, got none of {missing[:10]}."
            raise ValueError(message)
        for name in self.names:
            check_non_negative(f"the cost of {label(name)!r}", costs[name])
        sums = accumulate(costs[name] for name in self.ranked)
        return self._keep(self._order()[: sum(total <= limit for total in sums)])

    def _keep(self, chosen: NDArray[np.intp]) -> "Selection":
        """A selection of the units at some places."""
        places = np.sort(chosen)
        if isinstance(self.names, RowNames):
            return Selection(self.unit, self.names.at(places), self.names)
        kept = tuple(self.names[place] for place in places.tolist())
        return Selection(self.unit, kept, self.names)

    def plot(self) -> "alt.TopLevelMixin":
        """Draw the scores: bars, and for pairs of fields a heat map.

        A notebook shows the chart; ``plot().save("scores.svg")`` writes it to a file,
        by its ending SVG, PNG, HTML or JSON.

        Returns:
            A chart of Altair.

        Raises:
            MissingExtraError: if the extra ``report`` is not installed.
            DataError: if there is no unit to draw.
        """
        from fieldwise.importance.plot import draw_importance

        return draw_importance(self)

    def to_dict(self) -> dict[str, Any]:
        """The importance as plain JSON types."""
        return {
            **self._about(),
            "names": plain_names(self.names),
            "scores": self.scores.tolist(),
            "details": {name: column.tolist() for name, column in self.details.items()},
        }

    def _about(self) -> dict[str, Any]:
        told = ("unit", "meaning", "method", "data_fingerprint", "seed")
        return {name: getattr(self, name) for name in told}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Importance":
        """Read what ``to_dict`` wrote.

        Args:
            data: plain JSON types.

        Returns:
            The importance.

        Raises:
            DataError: if it is none.
        """
        try:
            columns = {
                name: _numbers(data["details"][name]) for name in data["details"]
            }
            scores = _numbers(data["scores"])
            return cls(
                unit=str(data["unit"]),
                names=read_names(data["names"], max_rows=len(scores)),
                scores=scores,
                meaning=str(data["meaning"]),
                method=str(data["method"]),
                data_fingerprint=str(data["data_fingerprint"]),
                seed=None if data["seed"] is None else int(data["seed"]),
                details=columns,
            )
        # Whatever goes wrong with what may come from a stranger, the data are bad.
        except Exception as error:
            message = f"data must be an importance as to_dict writes it: {error}"
            raise DataError(message) from error

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the importance to a folder, all of it or nothing.

        The folder holds the numbers as ``scores.parquet``, one row a unit, and the rest
        as ``about.json``.

        Args:
            folder: where to.
            overwrite: replace an importance that is already there.

        Raises:
            DataError: if the folder exists and must not be replaced.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = Path(folder).resolve()
        if folder.exists() and not (overwrite and (folder / ABOUT).is_file()):
            remedy = "It holds no importance" if overwrite else "Pass overwrite=True"
            message = f"folder must not exist, got {str(folder)!r}. {remedy}."
            raise DataError(message)
        if isinstance(self.names, RowNames):
            names = pa.array(self.names.numbers)
        else:
            is_text = not self.names or isinstance(self.names[0], str)
            kind = pa.string() if is_text else pa.list_(pa.string())
            names = pa.array(plain_names(self.names), kind)
        columns = {"name": names, "score": self.scores}
        with new_folder(folder, replace=overwrite) as partial:
            pq.write_table(pa.table(columns | dict(self.details)), partial / SCORES)
            about = {
                "format_version": FORMAT_VERSION,
                **self._about(),
                "sha256": _checksum((partial / SCORES).read_bytes()),
            }
            (partial / ABOUT).write_text(json.dumps(about, indent=1), "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> "Importance":
        """Read an importance that ``save`` wrote.

        Args:
            folder: where it is.

        Returns:
            The importance.

        Raises:
            DataError: naming the file that is missing or damaged.
        """
        import pyarrow as pa

        folder = Path(folder)
        about = read_json(folder / ABOUT)
        try:
            noted = str(about["sha256"])
            path = folder / SCORES
            content = read_bounded(path, max_bytes=MAX_SCORES_BYTES, sha256=noted)
            # Names differ, so that each takes a byte at least.
            table = read_bounded_table(content, len(content))
            columns = {name: table[name].to_numpy() for name in table.column_names}
            names, scores = columns.pop("name"), columns.pop("score")
            is_rows = pa.types.is_integer(table.schema.field("name").type)
            return cls.from_dict(
                {
                    **about,
                    "names": RowNames(names) if is_rows else table["name"].to_pylist(),
                    "scores": scores,
                    "details": columns,
                }
            )
        except Exception as error:
            message = f"{SCORES} in {str(folder)!r} cannot be used: {error}"
            raise DataError(message) from error


def _numbers(values: ArrayLike) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
