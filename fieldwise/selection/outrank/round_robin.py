"""Turns of many items, a few at a time, so that all come equally often."""

from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RoundRobin"]


@final
class RoundRobin:
    """Goes through all items in a random order, again and again.

    After any number of turns no item came more than once more often than another.

    Examples:
        >>> turns = RoundRobin(3, max_items=2, seed=0)
        >>> np.sort([turns.turn(number) for number in range(3)], axis=None)
        array([0, 0, 1, 1, 2, 2])

    Args:
        num_items: how many there are.
        max_items: most items of a turn.
        seed: of the order.
    """

    def __init__(self, num_items: int, *, max_items: int, seed: int) -> None:
        self._order = np.random.default_rng(seed).permutation(num_items)
        self._size = min(num_items, max_items)

    def turn(self, number: int) -> NDArray[np.intp]:
        """Choose the items of one turn.

        Args:
            number: of the turn, from 0 on.

        Returns:
            The items, each once, in rising order.
        """
        if not self._size:
            return np.empty(0, dtype=np.intp)
        places = number * self._size + np.arange(self._size)
        return np.sort(self._order[places % len(self._order)])
