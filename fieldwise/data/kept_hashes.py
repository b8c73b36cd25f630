"""Hashes of values, noted while the values are counted, so that text is read once.

Counting sees every value of the training rows. Where none of a column's values has the
hash of another, a hash says as much as the value, and the rows are encoded from their
hashes: exactly, and without reading, hashing and comparing text once more.
"""

import mmap
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.errors import DataError

__all__ = ["KeptHashes"]


@final
class KeptHashes:
    """The hashes of some columns of a table, in a file without a name.

    Examples:
        >>> table = pl.DataFrame({"site": ["a", "b"], "click": [0, 1]})
        >>> with KeptHashes() as hashes:
        ...     hashes.begin({"site": pl.col("site")})
        ...     hashes.add(table)
        ...     joined, = hashes.beside([table.select("click")])
        >>> joined["site"].equals(table["site"].hash())
        True

    Args:
        folder: where the file is, 8 bytes a value; None for that of temporary files.

    Attributes:
        names: columns whose hashes can be used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.names: tuple[str, ...] = ()
        self._file = TemporaryFile(prefix=".fieldwise-", dir=folder)  # noqa: SIM115
        self._columns: dict[str, int] = {}
        self._hash: list[pl.Expr] = []
        self._starts = [0]

    def begin(self, values: Mapping[str, pl.Expr]) -> None:
        """Say which columns to hash.

        Args:
            values: what to hash, by name of the column.
        """
        self.names = tuple(values)
        self._columns = {name: place for place, name in enumerate(values)}
        self._hash = [value.hash().alias(name) for name, value in values.items()]

    def add(self, chunk: pl.DataFrame) -> None:
        """Note the hashes of the next rows.

        Args:
            chunk: raw rows.
        """
        if self.names:
            for column in chunk.select(self._hash):
                column.to_numpy().tofile(self._file)
        self._starts.append(self._starts[-1] + len(chunk))

    def keep(self, names: Iterable[str]) -> None:
        """Forget the columns whose values have no hash of their own.

        Args:
            names: the others.
        """
        wanted = set(names)
        self.names = tuple(name for name in self.names if name in wanted)

    def beside(self, chunks: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Put the hashes into rows that are read again.

        Args:
            chunks: the rows that were added, in the same order, of any lengths.

        Yields:
            The chunks; a column of the name of a hashed one holds its hashes.

        Raises:
            DataError: if there are more or fewer rows than before.
        """
        self._file.flush()
        hashes = _mapped(self._file.fileno())
        end = 0
        for chunk in chunks:
            start, end = end, end + len(chunk)
            if end > self._starts[-1]:
                break
            yield chunk.with_columns(
                pl.Series(name, self._rows(hashes, name, start, end))
                for name in self.names
            )
        if end != self._starts[-1]:
            message = (
                f"the table must keep its {self._starts[-1]} rows while it is encoded, "
                "got another number of rows. Was it written to?"
            )
            raise DataError(message)

    def _rows(
        self, hashes: NDArray[np.uint64], name: str, start: int, end: int
    ) -> NDArray[np.uint64]:
        """Hashes of some rows: of each block of the file some, or all."""
        parts = []
        block = bisect_right(self._starts, start) - 1
        while start < end:
            first, after = self._starts[block : block + 2]
            place = first * len(self._columns)
            place += self._columns[name] * (after - first) + start - first
            size = min(end, after) - start
            parts.append(hashes[place : place + size])
            start += size
            block += 1
        return parts[0] if len(parts) == 1 else np.concatenate([hashes[:0], *parts])

    def close(self) -> None:
        """Delete the file."""
        self._file.close()

    def __enter__(self) -> "KeptHashes":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _mapped(file: int) -> NDArray[np.uint64]:
    size = os.fstat(file).st_size
    # An empty file cannot be mapped.
    content = mmap.mmap(file, size, access=mmap.ACCESS_READ) if size else b""
    return np.frombuffer(content, dtype=np.uint64)
