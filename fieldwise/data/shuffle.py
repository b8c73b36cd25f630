r"""A shuffle for tables larger than memory, of stated quality.

The table is cut into blocks of consecutive rows. Blocks come in a random order; some
thousand of them make a window, and the rows of a window come in a random order. A disk
then reads whole blocks, each once, and memory has to hold two windows: the one in use
and the next.

Quality, for windows of $K$ blocks in an epoch of $M$ blocks, when the labels are as bad
as they can be (the same within every block, as in a sorted table):

- two rows of a window come from one block with probability at most $1 / K$, so the
  autocorrelation of the labels along the epoch is at most $1 / K$ at any lag (and zero
  from one window to the next, but for $-1 / (M - 1)$);
- the variance of the mean label of a batch of $b$ rows is at most $1 + (b - 1) / K$
  times what it is after a shuffle of all rows: twice for $b = K$;
- a row can come at any place of the epoch; rows of one block stay within one window;
- a table of one window is shuffled fully.

The places where blocks begin, their order and the order in each window are drawn anew
for each epoch. They depend on the sizes of the table, the seed and the epoch, and on
nothing of the machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_positive

__all__ = ["BlockShuffle", "Window"]

BLOCK_BYTES = 65_536
"""Of encoded rows in a block: disks read pieces of this size about as fast as longer
ones."""
MAX_BLOCK_ROWS = 1024
"""Bounds the order of a window where rows are short: 8 bytes a row."""
WINDOW_BLOCKS = 4096


@final
@dataclass(frozen=True, slots=True)
class Window:
    """Rows that are in memory together.

    Args:
        blocks: first row and end of each block, in the order of the table,
            ``(block, 2)``.
        key: what the order of the rows is drawn from.
    """

    blocks: NDArray[np.intp]
    key: tuple[int, ...]

    def __len__(self) -> int:
        return int((self.blocks[:, 1] - self.blocks[:, 0]).sum())

    def rows(self) -> NDArray[np.intp]:
        """Draw the order.

        Returns:
            All row numbers of the window.
        """
        lengths = self.blocks[:, 1] - self.blocks[:, 0]
        shifts = self.blocks[:, 0] - (np.cumsum(lengths) - lengths)
        rows = np.repeat(shifts, lengths)
        rows += np.arange(len(rows))
        np.random.default_rng(self.key).shuffle(rows)
        return rows


@final
@dataclass(frozen=True, slots=True)
class BlockShuffle:
    """Cuts a table into windows, anew for each epoch.

    Examples:
        >>> shuffle = BlockShuffle(num_rows=10, block_rows=2, window_blocks=2)
        >>> windows = shuffle.windows(seed=0, epoch=1)
        >>> [len(window) for window in windows]
        [6, 4]
        >>> sorted(np.concatenate([window.rows() for window in windows]).tolist())
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

    Args:
        num_rows: in the table.
        block_rows: consecutive rows that are read together.
        window_blocks: blocks of a window at least, or all there are; twice as many
            at most.

    Raises:
        ValueError: if a size is not positive.
    """

    num_rows: int
    block_rows: int
    window_blocks: int

    def __post_init__(self) -> None:
        check_positive("block_rows", self.block_rows)
        check_positive("window_blocks", self.window_blocks)

    @classmethod
    def of(cls, num_rows: int, num_bytes: int) -> "BlockShuffle":
        """Choose the length of a block.

        Examples:
            >>> BlockShuffle.of(num_rows=1_000_000_000, num_bytes=160_000_000_000)
            BlockShuffle(num_rows=1000000000, block_rows=409, window_blocks=4096)

        Args:
            num_rows: in the table.
            num_bytes: of all rows.

        Returns:
            Blocks of 64 KiB, in windows of 256 MiB (512 MiB at most).
        """
        row_bytes = max(1, num_bytes // max(1, num_rows))
        block_rows = min(MAX_BLOCK_ROWS, max(1, BLOCK_BYTES // row_bytes))
        return cls(num_rows, block_rows, WINDOW_BLOCKS)

    def windows(self, *, seed: int, epoch: int) -> Sequence[Window]:
        """Cut the table for one epoch.

        Args:
            seed: with the epoch it decides everything.
            epoch: its number.

        Returns:
            All windows, in the order in which they are to be read; they hold every
            row once.
        """
        random = np.random.default_rng([seed, epoch])
        # The first block is short, so that rows get other neighbours in each epoch.
        first = int(random.integers(1, self.block_rows + 1))
        inner = np.arange(first, self.num_rows, self.block_rows)
        edges = np.concatenate([[0], inner, [self.num_rows]]).astype(np.intp)
        blocks = np.stack([edges[:-1], edges[1:]], axis=1)
        order = random.permutation(len(blocks))
        parts = np.array_split(order, max(1, len(blocks) // self.window_blocks))
        return [
            Window(blocks[np.sort(part)], (seed, epoch, number))
            for number, part in enumerate(parts)
        ]
