"""Encoded chunks, appended to the files of a dataset folder."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowWriter"]


@final
class RowWriter:
    """Appends encoded rows to the files of a dataset folder.

    Args:
        folder: an empty folder.
        num_sequences: sequence fields of the schema.
    """

    def __init__(self, folder: Path, num_sequences: int) -> None:
        self.num_rows = 0
        self._files = ExitStack()
        self._rows = self._open(folder / "rows.i32")
        self._items = []
        self._offsets = []
        for number in range(num_sequences):
            self._items.append(self._open(folder / f"sequence_{number}.i32"))
            self._offsets.append(self._open(folder / f"sequence_{number}.offsets.i64"))
            np.zeros(1, dtype=np.int64).tofile(self._offsets[-1])
        self._ends = [0] * num_sequences

    def _open(self, path: Path) -> BinaryIO:
        return self._files.enter_context(path.open("wb"))

    def append(
        self,
        matrix: NDArray[np.int32],
        sequences: Sequence[tuple[NDArray[np.int32], NDArray[np.int64]]],
    ) -> None:
        """Append rows.

        Args:
            matrix: the rows.
            sequences: items and lengths of each sequence field.
        """
        matrix.tofile(self._rows)
        self.num_rows += len(matrix)
        for number, (items, lengths) in enumerate(sequences):
            items.tofile(self._items[number])
            offsets = self._ends[number] + np.cumsum(lengths, dtype=np.int64)
            offsets.tofile(self._offsets[number])
            self._ends[number] += len(items)

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()
