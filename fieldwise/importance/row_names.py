"""Numbers of rows as names of units: one array instead of a million strings."""

from collections.abc import Iterator, Sequence
from typing import final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise.errors import DataError

__all__ = ["RowNames"]

SHOWN = 6


@final
class RowNames(Sequence[str]):
    """Names of rows: their numbers, written as text only when one is asked for.

    Examples:
        >>> names = RowNames.first(1_000_000)
        >>> names[-1], len(names), "17" in names
        ('999999', 1000000, True)
        >>> names[3:5]
        RowNames of 2 rows: 3, 4

    Args:
        numbers: of the rows in any order, each once, ``(row,)``.

    Attributes:
        numbers: the same, ``(row,)``; not to be written to.

    Raises:
        DataError: if they are not whole numbers from 0 on, or one is there twice.
    """

    def __init__(self, numbers: ArrayLike) -> None:
        given = np.asarray(numbers)
        if given.ndim != 1 or (given.dtype.kind not in "iu" and len(given)):
            message = (
                "numbers must be whole numbers of rows, got "
                f"{given.dtype} of shape {given.shape}."
            )
            raise DataError(message)
        rows = given.astype(np.int64)
        is_rising = bool((np.diff(rows) > 0).all())
        if len(rows) and (rows[0] if is_rising else rows.min()) < 0:
            message = f"numbers must be zero or positive, got {rows.min()}."
            raise DataError(message)
        if not is_rising and len(np.unique(rows)) < len(rows):
            message = "numbers must differ, got some more than once."
            raise DataError(message)
        rows.flags.writeable = False
        self.numbers = rows

    @classmethod
    def first(cls, num_rows: int) -> "RowNames":
        """Name all rows of a table.

        Args:
            num_rows: how many it has.

        Returns:
            The numbers from 0 to ``num_rows - 1``.
        """
        return cls(np.arange(num_rows))

    @property
    def is_rising(self) -> bool:
        """Whether each number is larger than the one before it."""
        return bool((np.diff(self.numbers) > 0).all())

    @property
    def is_all(self) -> bool:
        """Whether they are the numbers from 0 on, none left out."""
        last = self.numbers[-1] if len(self) else -1
        return self.is_rising and bool(last == len(self) - 1)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "RowNames": ...

    def __getitem__(self, place: int | slice) -> "str | RowNames":
        if isinstance(place, slice):
            return RowNames(self.numbers[place])
        return str(self.numbers[place])

    def __iter__(self) -> Iterator[str]:
        return map(str, self.numbers.tolist())

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str) or not name.isdecimal():
            return False
        return str(int(name)) == name and bool((self.numbers == int(name)).any())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowNames) and np.array_equal(
            self.numbers, other.numbers
        )

    def __hash__(self) -> int:
        return hash(self.numbers.tobytes())

    def __repr__(self) -> str:
        shown = ", ".join(self[:SHOWN])
        more = len(self) - SHOWN
        told = f"{shown} and {more} more" if more > 0 else shown or "none"
        return f"RowNames of {len(self)} rows: {told}"

    def at(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> "RowNames":
        """Pick some names.

        Args:
            places: numbers of places, or a mask over them.

        Returns:
            The names at these places.
        """
        return RowNames(self.numbers[places])
