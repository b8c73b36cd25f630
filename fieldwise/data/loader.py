"""Batches in a seeded order, the same for any number of workers."""

from collections.abc import Iterator
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from fieldwise._checks import check_non_negative, check_positive
from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset

__all__ = ["Loader"]


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

    Args:
        dataset: the encoded rows.
        batch_size: rows per batch; the last batch may be smaller. When shuffling, a
            last batch of one row joins the one before it: batch normalisation cannot
            learn from a single row.
        shuffle: a new order each epoch instead of the order of the rows.
        seed: with the epoch's number it determines the order.
        num_workers: processes that gather batches; 0 gathers in this one, which is
            the fastest on a memory map that is warm.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        batch_size: int,
        shuffle: bool = False,
        seed: int = 0,
        num_workers: int = 0,
    ) -> None:
        check_positive("batch_size", batch_size)
        check_non_negative("num_workers", num_workers)
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.num_workers = num_workers

    def __len__(self) -> int:
        return len(self._starts())

    def epoch(self, number: int) -> Iterator[Batch]:
        """All rows once.

        Args:
            number: number of the epoch; the same number gives the same order.

        Yields:
            The batches.
        """
        order = self._order(number)
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

    def _order(self, number: int) -> list[NDArray[np.intp]]:
        num_rows = len(self.dataset)
        if self.shuffle:
            rows = np.random.default_rng([self.seed, number]).permutation(num_rows)
        else:
            rows = np.arange(num_rows)
        return np.split(rows, self._starts()[1:]) if num_rows else []

    def _starts(self) -> list[int]:
        num_rows = len(self.dataset)
        starts = list(range(0, num_rows, self.batch_size))
        if self.shuffle and self.batch_size > 1 and num_rows % self.batch_size == 1:
            return starts[:-1] or starts
        return starts


class _Gather(torch.utils.data.Dataset[Batch]):
    """What a worker process runs: row numbers in, batch out."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __getitem__(self, rows: NDArray[np.intp]) -> Batch:
        return self.dataset.batch(rows)
