r"""A vector of its own for each pair of values: a cross that is learned by heart.

Source: Lyu et al., "Memorize, Factorize, or be Naive: Learning Optimal Feature
Interaction Methods for CTR Prediction", ICDE 2022, https://arxiv.org/abs/2108.01265,
section 3 (the memorized method).
Differences from the paper: a pair of values that was rare or never seen meets the
unknown row of its own pair of fields (the code looks it up in another pair's).
"""

from collections.abc import Sequence
from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.errors import SchemaError, ShapeError
from fieldwise.schema import Schema

__all__ = ["CrossEmbedding"]

MAX_INT64 = 2**63 - 1
NO_KEY = -1
"""Stands for keys that are not there yet: no pair of values has it."""


@final
class CrossEmbedding(nn.Module):
    r"""Looks up one row for the two values a row of data has in a pair of fields.

    A pair of values is known by its key, ``left * size + right`` with the indices of
    the two values in their own fields and the size of the right field. The keys of all
    pairs of fields, one range after the other, stand in one sorted vector, and each
    look-up is a binary search. Values that are not in it meet the unknown row of their
    pair of fields. Parameters: ``sum(cross_sizes) * embedding_dim``.

    Shape:
        - Input: a ``Batch``.
        - Output: ``(batch, pair, dim)``.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> schema = Schema(
        ...     tuple(
        ...         CategoricalField(name, num_features=3, value_type="string")
        ...         for name in ("site", "device")
        ...     )
        ... )
        >>> crosses = CrossEmbedding(
        ...     schema, pairs=[("site", "device")], cross_sizes=[3], embedding_dim=4
        ... )
        >>> crosses.fill_keys([torch.tensor([4, 8])])
        >>> crosses.keys.tolist(), crosses.table.shape
        ([4, 8], torch.Size([3, 4]))

    Args:
        schema: a fitted schema.
        pairs: names of two index fields each, in the order of the schema.
        cross_sizes: rows of each pair of fields: an unknown one, and one for each key.
        embedding_dim: length of one embedding.

    Attributes:
        keys: of all rows but the unknown ones, saved with the weights; every look-up
            meets an unknown row until ``fill_keys`` was called or a state was loaded.
        table: for each pair of fields its unknown row, then those of its keys.
        fields: of each pair of fields, both names.
        sparse_gradients: whether the gradient of the table holds the rows of the batch
            only; the trainer sets it to suit its optimizer.

    Raises:
        ValueError: if a size or the length is not positive, or there is no pair.
        SchemaError: if a pair is none of two index fields in order, or the fields have
            too many values to count their pairs in 64 bits.
    """

    keys: Tensor
    _lefts: Tensor
    _rights: Tensor
    _factors: Tensor
    _shifts: Tensor
    _unknown: Tensor
    _skipped: Tensor

    def __init__(
        self,
        schema: Schema,
        *,
        pairs: Sequence[tuple[str, str]],
        cross_sizes: Sequence[int],
        embedding_dim: int,
    ) -> None:
        check_positive("embedding_dim", embedding_dim)
        check_positive("the number of pairs", len(pairs))
        _check_sizes(pairs, cross_sizes)
        places = _places(schema, pairs)
        super().__init__()
        self.pairs = tuple(pairs)
        self.fields = tuple(" x ".join(pair) for pair in pairs)
        self.cross_sizes = tuple(cross_sizes)
        self.embedding_dim = embedding_dim
        self.sparse_gradients = False
        num_rows = sum(cross_sizes)
        num_keys = num_rows - len(pairs)
        self.table = nn.Parameter(torch.empty(num_rows, embedding_dim))
        self.register_buffer("keys", torch.full((num_keys,), NO_KEY))
        sizes, offsets = schema.table_sizes, schema.table_offsets
        # Where the keys of each pair begin, and the end of the last.
        self._starts = [0]
        shifts, unknown = [], [0]
        for (left, right), num_own in zip(places, cross_sizes, strict=True):
            # Indices of a batch have the offsets of the shared table in them.
            shift = offsets[left] * sizes[right] + offsets[right]
            shifts.append(self._starts[-1] - shift)
            self._starts.append(self._starts[-1] + sizes[left] * sizes[right])
            unknown.append(unknown[-1] + num_own)
        if self._starts[-1] > MAX_INT64:
            message = (
                f"pairs must have at most {MAX_INT64} pairs of values together, got "
                f"{self._starts[-1]}. Raise min_count of the fields, or set max_size."
            )
            raise SchemaError(message)
        for name, numbers in (
            ("_lefts", [left for left, _ in places]),
            ("_rights", [right for _, right in places]),
            ("_factors", [sizes[right] for _, right in places]),
            ("_shifts", shifts),
            ("_unknown", unknown[:-1]),
            # Unknown rows that stand before a row, those of its own pair included.
            ("_skipped", range(1, len(places) + 1)),
        ):
            values = torch.tensor(list(numbers), dtype=torch.int64)
            self.register_buffer(name, values, persistent=False)
        self.reset_parameters()

    def extra_repr(self) -> str:
        """What is looked up: two models that differ in it are not the same."""
        return f"{', '.join(self.fields)}; embedding_dim={self.embedding_dim}"

    def reset_parameters(self) -> None:
        """Draw the table small and uniform, of variance ``1 / embedding_dim``."""
        bound = (3 / self.embedding_dim) ** 0.5
        nn.init.uniform_(self.table, -bound, bound)

    @torch.no_grad()
    def fill_keys(self, keys: Sequence[Int[Tensor, " _"]]) -> None:
        """Say which pairs of values have rows of their own.

        Args:
            keys: of each pair of fields, in order, each once.

        Raises:
            ShapeError: if their numbers are not those the sizes leave room for.
            ValueError: if keys are not in order, repeat, or are none of their pair.
        """
        wanted = [size - 1 for size in self.cross_sizes]
        if [len(own) for own in keys] != wanted:
            message = f"keys must be {wanted} per pair, got {[len(k) for k in keys]}."
            raise ShapeError(message)
        moved = [
            own + start for own, start in zip(keys, self._starts[:-1], strict=True)
        ]
        for pair, own, start, stop in zip(
            self.fields, moved, self._starts[:-1], self._starts[1:], strict=True
        ):
            is_inside = bool(((own >= start) & (own < stop)).all())
            if not is_inside or bool((own[1:] <= own[:-1]).any()):
                message = (
                    f"keys of {pair} must be in order, each once, in "
                    f"[0, {stop - start}), got others."
                )
                raise ValueError(message)
        self.keys.copy_(torch.cat(moved))

    def forward(self, batch: Batch) -> Float[Tensor, "batch pair dim"]:
        """Embed the crosses of a batch.

        Args:
            batch: encoded rows.

        Returns:
            One vector per row and pair of fields.
        """
        return F.embedding(self._rows(batch), self.table, sparse=self.sparse_gradients)

    def rows_of(self, batch: Batch) -> Int[Tensor, " row"]:
        """Every row of the table that ``forward`` looks up for a batch.

        Args:
            batch: encoded rows.

        Returns:
            Row numbers, which may repeat.
        """
        return self._rows(batch).flatten()

    def _rows(self, batch: Batch) -> Int[Tensor, "batch pair"]:
        left = batch.indices.index_select(1, self._lefts).long()
        right = batch.indices.index_select(1, self._rights).long()
        keys = left * self._factors + right + self._shifts
        num_keys = self.keys.shape[0]
        if num_keys == 0:
            return self._unknown.expand(keys.shape)
        place = torch.searchsorted(self.keys, keys).clamp(max=num_keys - 1)
        is_known = self.keys[place] == keys
        return torch.where(is_known, place + self._skipped, self._unknown)


def _check_sizes(pairs: Sequence[tuple[str, str]], cross_sizes: Sequence[int]) -> None:
    if len(cross_sizes) != len(pairs):
        message = (
            f"cross_sizes must be one per pair ({len(pairs)}), got {len(cross_sizes)}."
        )
        raise ValueError(message)
    for size in cross_sizes:
        check_positive("cross_sizes", size)


def _places(schema: Schema, pairs: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """The positions of both fields of each pair among the index fields."""
    names = [field.name for field in schema.index_fields]
    place_of = {name: place for place, name in enumerate(names)}
    wrong = [pair for pair in pairs if not place_of.keys() >= set(pair)]
    if not wrong:
        places = [(place_of[left], place_of[right]) for left, right in pairs]
        wrong = [p for p, (i, j) in zip(pairs, places, strict=True) if i >= j]
        if not wrong:
            return places
    message = (
        f"pairs must be two of the index fields {names} each, in their order, got "
        f"{wrong}."
    )
    raise SchemaError(message)
