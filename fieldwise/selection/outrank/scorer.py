"""All scores of a ranking: block by block, then the median over the blocks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import DataError
from fieldwise.selection.outrank.column import Column, combine
from fieldwise.selection.outrank.heuristics import HEURISTICS
from fieldwise.selection.outrank.medians import Medians
from fieldwise.selection.outrank.noise import NOISE, noise_columns
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.round_robin import RoundRobin
from fieldwise.selection.outrank.target import Target

__all__ = ["Block", "Scorer", "Scores"]

MIN_LAST_BLOCK = 0.5
"""A last block of a smaller share of a block is left out: it would count like one."""
MIN_PUBLISHED_ROWS = 1024
"""Of a last block, in the authors' code."""
DEVIATIONS = 2.0
"""Standard deviations by chance that are taken off a score."""

CORRECTED = ("score", "noise score", "label", "form", "joint", "together")
"""Measures whose spread by chance is known."""

Floats = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class Block:
    """Some rows.

    Args:
        columns: one per field.
        label: of the same rows.
        forms: other forms of numbers, None for one that is not worth scoring, and
            columns that tell which rows hold a value of a list.
    """

    columns: tuple[Column, ...]
    label: Column
    forms: tuple[Column | None, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Scores:
    """Medians over the blocks, in nats.

    Args:
        num_blocks: how many there were.
        one_class: blocks of a single label, which say nothing and are left out.
        fields: by name of a measure, one number per field: ``score``, ``plain`` and
            ``size``, the number of values in a block.
        noise: likewise, one number per control of ``NOISE``.
        label: score of a copy of the label.
        forms: one per form; NaN where it was dropped in half of the blocks or more.
        pairs: all pairs of fields, ``(pair, 2)``; none if none was scored.
        between: of each pair, what the two say about each other.
        joint: of each pair, what the two together say about the label.
        groups: all combinations of more than two fields, ``(combination, order)``.
        together: of each of these, what its fields together say about the label.
    """

    num_blocks: int
    one_class: int
    fields: Mapping[str, Floats]
    noise: Mapping[str, Floats]
    label: float
    forms: Floats
    pairs: NDArray[np.intp]
    between: Floats
    joint: Floats
    groups: NDArray[np.intp]
    together: Floats


@final
class Scorer:
    """Scores blocks.

    Args:
        plan: what is scored.
        num_fields: columns of a block.
        num_forms: forms of a block.
    """

    def __init__(self, plan: Plan, num_fields: int, num_forms: int = 0) -> None:
        self._plan = plan
        self._heuristic = HEURISTICS[plan.heuristic]
        wants_pairs = plan.scores_pairs or plan.scores_between
        self._pairs = plan.groups(num_fields if wants_pairs else 0, 2)
        self._groups = plan.groups(num_fields if plan.order > 2 else 0, plan.order)
        self._pair_turns, self._group_turns = (
            RoundRobin(len(items), max_items=plan.max_combinations, seed=plan.seed)
            for items in (self._pairs, self._groups)
        )
        sizes = {"form": num_forms, "label": 1}
        sizes |= dict.fromkeys(("between", "joint"), len(self._pairs))
        sizes |= {"together": len(self._groups)}
        for measure in ("score", "plain", "size"):
            sizes |= {measure: num_fields, f"noise {measure}": len(NOISE)}
        sizes |= {f"{name} spread": sizes[name] for name in CORRECTED}
        self._medians = {name: Medians(size) for name, size in sizes.items()}
        self._num_blocks = self._one_class = 0

    def run(self, blocks: Iterable[Block]) -> Scores:
        """Score all blocks.

        Args:
            blocks: in order; a last one of few rows is left out unless it is the first.

        Returns:
            The medians.

        Raises:
            DataError: if no block has two labels.
        """
        least = 1.0
        for place, block in enumerate(blocks):
            num_rows = len(block.label)
            if num_rows >= least:
                if len(np.unique(block.label.codes)) > 1:
                    self._add(block)
                else:
                    self._one_class += 1
            if place == 0:
                least = (
                    MIN_PUBLISHED_ROWS
                    if self._heuristic.as_published
                    else max(1.0, MIN_LAST_BLOCK * num_rows)
                )
        if not self._num_blocks:
            message = (
                "data must have rows with different labels next to each other, got "
                f"{self._one_class} blocks of one label each. Shuffle the rows."
            )
            raise DataError(message)
        return self._result()

    @property
    def turns_of_pairs(self) -> NDArray[np.intp]:
        """How often each pair of fields was scored."""
        return self._medians["joint"].counts

    def _add(self, block: Block) -> None:
        order = np.arange(len(block.label), dtype=np.intp)
        if not self._heuristic.as_published:
            # In their own order, rows that stand together are alike more often than
            # not: a column read some rows further on would still know something.
            order = np.random.default_rng(self._plan.seed).permutation(order)
        label = block.label.take(order)
        target = Target(label)
        columns = [column.take(order) for column in block.columns]
        self._add_columns("", columns, target)
        noise = list(noise_columns(len(order), seed=self._plan.seed))
        self._add_columns("noise ", noise, target)
        self._score("label", [0], [label], target)
        self._add_forms(block, order, target)
        self._add_pairs(columns, target)
        places = self._group_turns.turn(self._num_blocks)
        self._add_joint("together", places, self._groups, columns, target)
        self._num_blocks += 1

    def _add_columns(self, kind: str, columns: list[Column], target: Target) -> None:
        places = range(len(columns))
        self._score(f"{kind}score", places, columns, target)
        plain = [target.plain(column) for column in columns]
        self._note(f"{kind}plain", places, plain)
        self._note(f"{kind}size", places, [column.size for column in columns])

    def _add_forms(self, block: Block, order: NDArray[np.intp], target: Target) -> None:
        kept = [place for place, form in enumerate(block.forms) if form is not None]
        forms = (form.take(order) for form in block.forms if form is not None)
        self._score("form", kept, forms, target)

    def _add_pairs(self, columns: list[Column], target: Target) -> None:
        places = self._pair_turns.turn(self._num_blocks)
        if self._plan.scores_between:
            between = self._heuristic.between
            pairs = ((columns[f], columns[g]) for f, g in self._pairs[places])
            scores = [between(Target(other), column) for column, other in pairs]
            self._note("between", places, scores)
        if self._plan.scores_pairs:
            self._add_joint("joint", places, self._pairs, columns, target)

    def _add_joint(
        self,
        name: str,
        places: NDArray[np.intp],
        groups: NDArray[np.intp],
        columns: list[Column],
        target: Target,
    ) -> None:
        joint = (combine([columns[i] for i in group]) for group in groups[places])
        self._score(name, places, joint, target)

    def _score(
        self,
        name: str,
        places: Sequence[int] | NDArray[np.intp],
        columns: Iterable[Column],
        target: Target,
    ) -> None:
        score = self._heuristic.score
        found = np.array([score(target, column) for column in columns]).reshape(-1, 2)
        self._note(name, places, found[:, 0])
        self._note(f"{name} spread", places, found[:, 1])

    def _note(
        self,
        name: str,
        places: Sequence[int] | NDArray[np.intp],
        numbers: Sequence[int | float] | Floats,
    ) -> None:
        self._medians[name].add(
            np.asarray(places, dtype=np.intp), np.asarray(numbers, dtype=np.float64)
        )

    def _result(self) -> Scores:
        found = {name: medians.values() for name, medians in self._medians.items()}
        for name in CORRECTED:
            # Of the mean of many blocks chance leaves less than of one.
            blocks = np.maximum(self._medians[name].counts, 1)
            found[name] -= DEVIATIONS * found[f"{name} spread"] / np.sqrt(blocks)
        is_dropped = 2 * self._medians["form"].counts <= self._num_blocks
        measures = ("score", "plain", "size")
        return Scores(
            num_blocks=self._num_blocks,
            one_class=self._one_class,
            fields={measure: found[measure] for measure in measures},
            noise={measure: found[f"noise {measure}"] for measure in measures},
            label=float(found["label"][0]),
            forms=np.where(is_dropped, np.nan, found["form"]),
            pairs=self._pairs,
            between=found["between"],
            joint=found["joint"],
            groups=self._groups,
            together=found["together"],
        )
