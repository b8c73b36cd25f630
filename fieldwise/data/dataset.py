"""The encoded table: a memory-mapped 32-bit matrix, and ragged sequences."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from fieldwise.batch import Batch
from fieldwise.data.layout import RowLayout
from fieldwise.errors import DataError
from fieldwise.schema import Schema

__all__ = ["Dataset", "Ragged"]

FORMAT_VERSION = 1


@final
@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of different lengths, one after the other.

    Args:
        values: table rows of all items, ``(item,)``, 32-bit.
        offsets: start of each row's items and the end of the last, ``(row + 1,)``.
    """

    values: NDArray[np.int32]
    offsets: NDArray[np.int64]

    def take(
        self, rows: NDArray[np.intp]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Gather the lists of some rows, without a loop over them.

        Args:
            rows: row numbers.

        Returns:
            The items one after the other, and the length of each list.
        """
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        ends = np.cumsum(lengths)
        positions = np.repeat(starts - ends + lengths, lengths) + np.arange(
            ends[-1] if len(ends) else 0
        )
        return self.values[positions], lengths


@final
class Dataset:
    """Encoded rows that can be read in any order.

    Examples:
        >>> from fieldwise.schema import CategoricalField, Schema
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> matrix = np.array([[0], [2], [1]], dtype=np.int32)
        >>> dataset = Dataset(Schema((field,)), matrix, labelled=False)
        >>> dataset.batch(np.array([2, 1])).indices.tolist()
        [[1], [2]]

    Args:
        schema: the fitted schema the rows were encoded with.
        matrix: rows as ``RowLayout`` says, ``(row, width)``, 32-bit.
        sequences: one ``Ragged`` per sequence field.
        labelled: whether rows carry labels, weights and groups.
        fingerprint: checksum of the raw rows, settings and split behind it.

    Raises:
        DataError: if the matrix does not have the width the schema asks for.
    """

    def __init__(
        self,
        schema: Schema,
        matrix: NDArray[np.int32],
        sequences: Sequence[Ragged] = (),
        *,
        labelled: bool = True,
        fingerprint: str = "",
    ) -> None:
        self.schema = schema
        self.layout = RowLayout.of(schema, labelled=labelled)
        self.labelled = labelled
        self.sequences = tuple(sequences)
        self.fingerprint = fingerprint
        self._folder: Path | None = None
        self._matrix = matrix
        if matrix.ndim != 2 or matrix.shape[1] != self.layout.width:
            message = (
                f"matrix must have {self.layout.width} columns, got shape "
                f"{matrix.shape}."
            )
            raise DataError(message)
        if len(self.sequences) != len(schema.sequence_fields):
            message = (
                f"sequences must be one per sequence field "
                f"({len(schema.sequence_fields)}), got {len(self.sequences)}."
            )
            raise DataError(message)

    def __len__(self) -> int:
        return len(self._matrix)

    @property
    def rows(self) -> NDArray[np.int32]:
        """The matrix, as ``layout`` says, ``(row, width)``; not to be written to."""
        view = self._matrix.view()
        view.flags.writeable = False
        return view

    @property
    def labels(self) -> NDArray[np.float32]:
        """All labels, ``(row, task)``; NaN means not observed."""
        return np.array(self._floats(self._matrix[:, self.layout.labels]))

    @property
    def weights(self) -> NDArray[np.float32] | None:
        """All row weights, ``(row,)``, or None."""
        if not self.layout.has_weight:
            return None
        column = slice(self.layout.weight, self.layout.weight + 1)
        return np.array(self._floats(self._matrix[:, column])[:, 0])

    @property
    def groups(self) -> NDArray[np.int32] | None:
        """Group number of each row, ``(row,)``, or None."""
        if not self.layout.has_group:
            return None
        return np.array(self._matrix[:, self.layout.group])

    @property
    def num_bytes(self) -> int:
        """Size of all rows, on disk or in memory."""
        parts = [(ragged.values, ragged.offsets) for ragged in self.sequences]
        return self._matrix.nbytes + sum(v.nbytes + o.nbytes for v, o in parts)

    def prefetch(self, blocks: NDArray[np.intp]) -> None:
        """Let the operating system read some rows from disk while others are used.

        Nothing happens for rows in memory, or where the system has no such call.

        Args:
            blocks: first row and end of each piece, ``(block, 2)``.
        """
        if self._folder is None:
            return
        row_bytes = self.layout.width * self._matrix.itemsize
        _will_need(self._folder / "rows.i32", blocks * row_bytes)
        for number, ragged in enumerate(self.sequences):
            values, offsets = _ragged_paths(self._folder, number)
            _will_need(offsets, blocks * ragged.offsets.itemsize)
            _will_need(values, ragged.offsets[blocks] * ragged.values.itemsize)

    def checksum(self) -> str:
        """What the rows came from; of rows that came from nowhere, the rows.

        Returns:
            The fingerprint, or else a sha256 over all rows in hexadecimal.
        """
        if self.fingerprint:
            return self.fingerprint
        digest = hashlib.sha256(json.dumps(self.schema.to_dict()).encode())
        digest.update(np.ascontiguousarray(self._matrix).data)
        for ragged in self.sequences:
            digest.update(np.ascontiguousarray(ragged.values).data)
            digest.update(np.ascontiguousarray(ragged.offsets).data)
        return digest.hexdigest()

    def batch(self, rows: NDArray[np.intp] | slice) -> Batch:
        """Gather some rows as tensors.

        Args:
            rows: row numbers in any order, or a slice.

        Returns:
            The batch; its memory is its own.
        """
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        block = np.take(self._matrix, rows, axis=0)
        layout = self.layout
        labels = torch.from_numpy(self._floats(block[:, layout.labels]))
        column = slice(layout.weight, layout.weight + 1)
        bags, offsets = self._bags(rows)
        return Batch(
            indices=torch.from_numpy(block[:, : layout.num_indices]).contiguous(),
            numbers=torch.from_numpy(self._floats(block[:, layout.numbers])),
            sequence_indices=bags,
            sequence_offsets=offsets,
            vectors=tuple(
                torch.from_numpy(self._floats(block[:, part]))
                for part in layout.vectors
            ),
            labels=labels if layout.num_labels else None,
            weights=torch.from_numpy(self._floats(block[:, column])[:, 0])
            if layout.has_weight
            else None,
            groups=torch.from_numpy(np.array(block[:, layout.group]))
            if layout.has_group
            else None,
        )

    @staticmethod
    def _floats(block: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.ascontiguousarray(block).view(np.float32)

    def _bags(self, rows: NDArray[np.intp]) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.sequences:
            return torch.empty(0, dtype=torch.int32), torch.zeros(1, dtype=torch.int32)
        parts = [ragged.take(rows) for ragged in self.sequences]
        lengths = np.concatenate([length for _, length in parts])
        offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
        np.cumsum(lengths, out=offsets[1:])
        values = np.concatenate([value for value, _ in parts])
        return torch.from_numpy(values), torch.from_numpy(offsets)

    def take(self, rows: NDArray[np.intp]) -> "Dataset":
        """Copy some rows into memory.

        Args:
            rows: row numbers in any order.

        Returns:
            A dataset of these rows, in this order.
        """
        sequences = []
        for ragged in self.sequences:
            values, lengths = ragged.take(rows)
            sequences.append(Ragged(values, np.concatenate([[0], np.cumsum(lengths)])))
        origin = hashlib.sha256(self.checksum().encode())
        origin.update(np.ascontiguousarray(rows).data)
        return Dataset(
            self.schema,
            np.take(self._matrix, rows, axis=0),
            sequences,
            labelled=self.labelled,
            fingerprint=origin.hexdigest(),
        )

    def save(self, folder: Path) -> None:
        """Write the rows to a folder that does not exist yet.

        Args:
            folder: where to.
        """
        folder.mkdir(parents=True)
        self._matrix.tofile(folder / "rows.i32")
        for number, ragged in enumerate(self.sequences):
            values, offsets = _ragged_paths(folder, number)
            ragged.values.tofile(values)
            ragged.offsets.tofile(offsets)
        write_manifest(
            folder,
            self.schema,
            num_rows=len(self),
            labelled=self.labelled,
            fingerprint=self.fingerprint,
        )

    @classmethod
    def open(cls, folder: Path) -> "Dataset":
        """Map the rows of a saved dataset into memory.

        Args:
            folder: a folder that ``save`` or an encoder wrote.

        Returns:
            The dataset; nothing is read before it is asked for.

        Raises:
            DataError: if the folder is damaged or of another version.
        """
        try:
            manifest = json.loads((folder / "dataset.json").read_text("utf-8"))
            if manifest["format_version"] != FORMAT_VERSION:
                message = (
                    f"dataset must have format {FORMAT_VERSION}, got "
                    f"{manifest['format_version']}. Encode the table again."
                )
                raise DataError(message)
            schema = Schema.from_dict(manifest["schema"])
            labelled, num_rows = manifest["labelled"], manifest["num_rows"]
            width = RowLayout.of(schema, labelled=labelled).width
            matrix = _map(folder / "rows.i32", np.int32, num_rows * width)
            dataset = cls(
                schema,
                matrix.reshape(num_rows, width),
                [
                    _open_ragged(folder, number, num_rows)
                    for number in range(len(schema.sequence_fields))
                ],
                labelled=labelled,
                fingerprint=manifest["fingerprint"],
            )
        except (OSError, KeyError, TypeError, ValueError) as error:
            message = f"folder {str(folder)!r} must hold an encoded dataset: {error}"
            raise DataError(message) from error
        dataset._folder = folder
        return dataset

    def __getstate__(self) -> dict[str, Any]:
        # A worker process maps the file again instead of receiving a copy of it.
        return {"folder": self._folder} if self._folder else self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        folder = state.get("folder")
        self.__dict__.update(Dataset.open(folder).__dict__ if folder else state)


def write_manifest(
    folder: Path, schema: Schema, *, num_rows: int, labelled: bool, fingerprint: str
) -> None:
    """Write ``dataset.json``, last, so that a folder without it is incomplete.

    Args:
        folder: the dataset's folder.
        schema: the fitted schema.
        num_rows: rows in the matrix.
        labelled: whether rows carry labels, weights and groups.
        fingerprint: checksum of what the rows were made from.
    """
    manifest = {
        "format_version": FORMAT_VERSION,
        "num_rows": num_rows,
        "labelled": labelled,
        "fingerprint": fingerprint,
        "schema": schema.to_dict(),
    }
    (folder / "dataset.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def _map(path: Path, dtype: type[np.generic], size: int) -> NDArray[Any]:
    expected = size * np.dtype(dtype).itemsize
    if path.stat().st_size != expected:
        message = f"{path.name} must have {expected} bytes, got {path.stat().st_size}"
        raise DataError(message)
    if size == 0:
        return np.empty(0, dtype=dtype)
    # A plain array over the map: np.memmap's own indexing is several times slower.
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))


def _open_ragged(folder: Path, number: int, num_rows: int) -> Ragged:
    values_path, offsets_path = _ragged_paths(folder, number)
    offsets = _map(offsets_path, np.int64, num_rows + 1)
    return Ragged(_map(values_path, np.int32, int(offsets[-1])), offsets)


def _ragged_paths(folder: Path, number: int) -> tuple[Path, Path]:
    return (
        folder / f"sequence_{number}.i32",
        folder / f"sequence_{number}.offsets.i64",
    )


def _will_need(path: Path, ranges: NDArray[np.int64]) -> None:
    if not hasattr(os, "posix_fadvise"):
        return
    # Advice that cannot be given is no reason to stop.
    with suppress(OSError), path.open("rb") as file:
        for start, end in ranges.tolist():
            # Of length zero it would mean the rest of the file.
            if end > start:
                os.posix_fadvise(
                    file.fileno(), start, end - start, os.POSIX_FADV_WILLNEED
                )
