"""The saved form of a calibrator, read as if it came from a stranger."""

import math
from collections.abc import Iterable
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import RankerFormatError

__all__ = ["StateReader", "describe"]


@final
class StateReader:
    """Reads the entries of a saved calibrator, remembering every problem.

    Args:
        state: what was saved.
        name: the calibrator's name, which must be in it.
        keys: its other entries; no more and no fewer may be there.

    Raises:
        RankerFormatError: if ``state`` has other entries, or is no dictionary.
    """

    def __init__(self, state: object, *, name: str, keys: Iterable[str]) -> None:
        wanted = {"name", *keys}
        if not isinstance(state, dict):
            message = f"calibrator must be a dictionary, got {type(state).__name__}."
            raise RankerFormatError(message)
        if set(state) != wanted:
            message = (
                f"calibrator {name!r} must have the entries {sorted(wanted)}, "
                f"got {sorted(map(str, state))}."
            )
            raise RankerFormatError(message)
        self._state = state
        self._name = name
        self._problems: list[str] = []
        if state["name"] != name:
            self.check("name", is_right=False, rule=f"be {name!r}")

    def number(self, key: str) -> float:
        """Read one finite number.

        Args:
            key: its entry.

        Returns:
            The number; NaN, and a problem remembered, if it is none.
        """
        value = _as_float(self._state[key])
        self.check(key, is_right=math.isfinite(value), rule="be a finite number")
        return value

    def numbers(self, key: str) -> NDArray[np.float64]:
        """Read a list of finite numbers.

        Args:
            key: its entry.

        Returns:
            The numbers; empty, and a problem remembered, if it is no such list.
        """
        values = self._state[key]
        numbers = [_as_float(v) for v in values] if isinstance(values, list) else [None]
        if all(number is not None and math.isfinite(number) for number in numbers):
            return np.array(numbers, dtype=np.float64)
        self.check(key, is_right=False, rule="be a list of finite numbers")
        return np.empty(0)

    def check(self, key: str, *, is_right: bool, rule: str) -> None:
        """Remember a problem unless the entry is right.

        Args:
            key: the entry.
            is_right: whether it keeps the rule.
            rule: what it must be or have, after "must".
        """
        if not is_right:
            got = describe(self._state[key])
            self._problems.append(f"{key!r} must {rule}, got {got}.")

    def finish(self) -> None:
        """Raise if there was any problem.

        Raises:
            RankerFormatError: listing all of them.
        """
        if self._problems:
            message = (
                f"calibrator {self._name!r} is damaged: {' '.join(self._problems)}"
            )
            raise RankerFormatError(message)


def describe(value: object) -> str:
    """Describe a saved value in a few words, however large it is.

    Args:
        value: anything.

    Returns:
        The words.
    """
    if isinstance(value, list | dict):
        return f"a {type(value).__name__} of {len(value)} entries"
    if isinstance(value, int) and abs(value) > 2**63:
        return "a huge integer"
    return repr(value)[:60]


def _as_float(value: object) -> float:
    """Give a JSON number as a float, NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
