"""What a ranking scores, and how."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_choice, check_positive
from fieldwise.selection.outrank.heuristics import HEURISTICS

__all__ = ["NUMBERS", "Plan"]

NUMBERS = ("buckets", "values")
"""Numbers in up to 32 buckets of equal counts, or each number a value of its own."""

MAX_COMBINATIONS = 2**20
"""Combinations a ranking keeps scores of."""


@final
@dataclass(frozen=True, slots=True)
class Plan:
    """What a ranking scores, and how.

    Args:
        heuristic: the score, a name of ``HEURISTICS``.
        numbers: one of ``NUMBERS``; a number that hardly repeats says nothing as a
            value of its own.
        order: fields of a combination; with 1 there are none.
        max_combinations: most pairs, and most combinations, scored in one block; they
            take turns.
        redundancy: also order the fields by what each adds to those before it.
        between: also score all pairs of fields against each other.
        transforms: also score ten other forms of each number.
        block_rows: rows scored together; a score is the median over the blocks.
        step: look at every so-many-th row.
        seed: of everything random.

    Raises:
        ValueError: if a number is not positive, there is no such choice, or the
            heuristic cannot score fields against each other.
    """

    heuristic: str = "corrected"
    numbers: str = "buckets"
    order: int = 1
    max_combinations: int = 1024
    redundancy: bool = False
    between: bool = False
    transforms: bool = False
    block_rows: int = 2**14
    step: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice("heuristic", self.heuristic, HEURISTICS)
        check_choice("numbers", self.numbers, NUMBERS)
        if self.scores_between and not HEURISTICS[self.heuristic].any_label:
            message = (
                "heuristic must suit labels of many values to score fields against "
                f"each other, got {self.heuristic!r}."
            )
            raise ValueError(message)
        for name in ("order", "max_combinations", "block_rows", "step"):
            check_positive(name, getattr(self, name))

    @property
    def scores_between(self) -> bool:
        """Whether fields are scored against each other."""
        return self.between or self.redundancy

    @property
    def scores_pairs(self) -> bool:
        """Whether two fields together are scored against the label."""
        return self.redundancy or self.order == 2

    def groups(self, num_fields: int, order: int) -> NDArray[np.intp]:
        """List all combinations.

        Args:
            num_fields: to choose from.
            order: fields of a combination.

        Returns:
            Places of the fields, ``(combination, order)``.

        Raises:
            ValueError: if there are too many.
        """
        count = comb(num_fields, order)
        if count > MAX_COMBINATIONS:
            message = (
                f"order must give at most {MAX_COMBINATIONS:,} combinations, got "
                f"{count:,} of {num_fields} fields. Leave fields out, or lower it."
            )
            raise ValueError(message)
        listed = list(combinations(range(num_fields), order))
        return np.array(listed, dtype=np.intp).reshape(count, order)
