"""Batches in a seeded order, the same for any number of workers."""

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from fieldwise._checks import check_choice, check_non_negative, check_positive
from fieldwise.batch import Batch
from fieldwise.data._memory import memory_limit
from fieldwise.data.dataset import Dataset
from fieldwise.data.shuffle import BlockShuffle

__all__ = ["Loader", "choose_shuffle"]

SHUFFLES = ("auto", "full", "block")
LARGEST_SHARE = 0.5
"""Of the memory that encoded rows may take before blocks are shuffled instead."""


def choose_shuffle(dataset: Dataset) -> Literal["full", "block"]:
    """Choose the shuffle a machine can afford.

    Args:
        dataset: the encoded rows.

    Returns:
        ``full`` where the rows, and 8 bytes of order for each, fit in half of the
        memory this process may use; else ``block``.
    """
    limit = memory_limit()
    needed = dataset.num_bytes + 8 * len(dataset)
    return "full" if limit is None or needed <= LARGEST_SHARE * limit else "block"


@final
class Loader:
    """Goes through a dataset batch by batch.

    Examples:
        >>> from fieldwise.schema import CategoricalField, Schema
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> rows = np.array([[0], [2], [1]], dtype=np.int32)
        >>> dataset = Dataset(Schema((field,)), rows, labelled=False)
        >>> [len(batch) for batch in Loader(dataset, batch_size=2).epoch(0)]
        [2, 1]
        >>> Loader(dataset, batch_size=2, shuffle="auto").shuffle
        'full'

    Args:
        dataset: the encoded rows.
        batch_size: rows per batch; the last batch may be smaller. When shuffling, a
            last batch of one row joins the one before it: batch normalisation cannot
            learn from a single row.
        shuffle: a new order each epoch instead of the order of the rows (False):
            ``full`` draws any order of all rows; ``block`` reads blocks of rows from
            disk and shuffles windows of them, see ``fieldwise.data.shuffle``;
            ``auto`` (or True) is what ``choose_shuffle`` says.
        seed: with the epoch's number it determines the order.
        num_workers: processes that gather batches; 0 gathers in this one, which is
            the fastest on a memory map that is warm.
        rank: number of this process among those that share every batch.
        num_ranks: how many they are.

    Attributes:
        shuffle: ``full``, ``block`` or False.

    Raises:
        ValueError: if a size is not positive, or the shuffle unknown.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        batch_size: int,
        shuffle: bool | str = False,
        seed: int = 0,
        num_workers: int = 0,
        rank: int = 0,
        num_ranks: int = 1,
    ) -> None:
        check_positive("batch_size", batch_size)
        check_non_negative("num_workers", num_workers)
        if isinstance(shuffle, str):
            check_choice("shuffle", shuffle, SHUFFLES)
        self.dataset = dataset
        self.batch_size = batch_size
        is_open = shuffle is True or shuffle == "auto"
        self.shuffle = choose_shuffle(dataset) if is_open else shuffle
        self.seed = seed
        self.num_workers = num_workers
        self.rank = rank
        self.num_ranks = num_ranks

    def __len__(self) -> int:
        num_batches, rest = divmod(len(self.dataset), self.batch_size)
        joins = self.shuffle and rest == 1 and num_batches and self.batch_size > 1
        return num_batches + (rest > 0 and not joins)

    def epoch(self, number: int, *, skip: int = 0) -> Iterator[Batch]:
        """All rows once.

        Args:
            number: number of the epoch; the same number gives the same order.
            skip: leave out this many batches at the start, without reading them.

        Yields:
            The batches.
        """
        order = (
            _share(r, self.rank, self.num_ranks) for r in self._order(number, skip)
        )
        if self.num_workers == 0:
            yield from map(self.dataset.batch, order)
            return
        yield from DataLoader(
            _Gather(self.dataset),
            sampler=order,
            batch_size=None,
            num_workers=self.num_workers,
            # A generator of its own: the global one must not notice the loader, or
            # dropout would depend on it.
            generator=torch.Generator().manual_seed(self.seed),
        )

    def sizes(self, *, skip: int = 0) -> list[int]:
        """Rows of each batch, the shares of all processes together.

        Args:
            skip: leave out this many batches at the start.

        Returns:
            The sizes, in order.
        """
        num_rows, num_batches = len(self.dataset), len(self)
        starts = [i * self.batch_size for i in range(skip, num_batches)]
        return np.diff([*starts, num_rows]).tolist() if starts else []

    def rows_of(self, rank: int) -> NDArray[np.intp]:
        """The rows a process goes through without shuffling.

        Args:
            rank: number of the process.

        Returns:
            Row numbers, in order.
        """
        shares = [_share(rows, rank, self.num_ranks) for rows in self._order(0, 0)]
        return np.concatenate([np.empty(0, dtype=np.intp), *shares])

    def _order(self, epoch: int, skip: int) -> Iterator[NDArray[np.intp]]:
        """The row numbers of each batch."""
        sizes, start = self.sizes(skip=skip), skip * self.batch_size
        if not sizes:
            return iter(())
        if self.shuffle == "block":
            return _cut(self._windows(epoch, start), sizes)
        num_rows = len(self.dataset)
        if self.shuffle == "full":
            random = np.random.default_rng([self.seed, epoch])
            return _cut(iter([random.permutation(num_rows)[start:]]), sizes)
        stops = np.cumsum([start, *sizes]).tolist()
        return (np.arange(*bounds) for bounds in pairwise(stops))

    def _windows(self, epoch: int, start: int) -> Iterator[NDArray[np.intp]]:
        """The order of a block shuffle from some place on."""
        shuffle = BlockShuffle.of(len(self.dataset), self.dataset.num_bytes)
        left = list(shuffle.windows(seed=self.seed, epoch=epoch))
        while start >= len(left[0]):
            start -= len(left.pop(0))
        self.dataset.prefetch(left[0].blocks)
        for window, following in zip(left, chain(left[1:], [None]), strict=True):
            if following is not None:
                # The disk works while this window is learned from.
                self.dataset.prefetch(following.blocks)
            yield window.rows()[start:]
            start = 0


def _share(rows: NDArray[np.intp], rank: int, num_ranks: int) -> NDArray[np.intp]:
    """The part of a batch that one process learns from; sizes differ by one at most."""
    bounds = [len(rows) * number // num_ranks for number in (rank, rank + 1)]
    return rows[slice(*bounds)]


def _cut(
    pieces: Iterator[NDArray[np.intp]], sizes: list[int]
) -> Iterator[NDArray[np.intp]]:
    """Divide the concatenation of some arrays into arrays of other sizes."""
    held = next(pieces)
    for size in sizes:
        while len(held) < size:
            piece = next(pieces)
            held = np.concatenate([held, piece]) if len(held) else piece
        yield held[:size]
        held = held[size:]


class _Gather(torch.utils.data.Dataset[Batch]):
    """What a worker process runs: row numbers in, batch out."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __getitem__(self, rows: NDArray[np.intp]) -> Batch:
        return self.dataset.batch(rows)
