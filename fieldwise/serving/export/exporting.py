"""A ranker as one file that other programs run."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import polars as pl

from fieldwise._checks import check_choice, check_positive
from fieldwise.data.columns import check_columns, role_columns
from fieldwise.errors import DataError, MissingExtraError
from fieldwise.ranker.ranker import Ranker
from fieldwise.ranker.rows import read_rows
from fieldwise.serving.export.files import check_free, companion, new_file
from fieldwise.serving.export.quantising import EMBEDDINGS, SmallTable, quantise
from fieldwise.serving.export.synthetic_rows import synthetic_rows
from fieldwise.serving.export.verification import (
    TOLERANCE,
    Scorer,
    Verification,
    check_match,
    scorer_of,
    verify,
)

__all__ = ["MAX_ROWS", "SUFFIXES", "Export", "export_ranker"]

SUFFIXES = (".onnx", ".pt2")
"""Of a file for onnxruntime, and of a program for PyTorch."""
MAX_ROWS = 100_000
"""Of the rows that are given, so many of the first are compared."""
NUM_SYNTHETIC = 2000


@final
@dataclass(frozen=True, slots=True)
class Export:
    """What was written, and how it was checked.

    Args:
        path: of the file.
        num_bytes: of it, and of the companion of a large one.
        load_seconds: to make it ready to score.
        verification: the file beside the ranker whose tables are rounded as its are.
        rounding: that ranker beside the one given; None where nothing is rounded.
        metrics: of the ranker and of the rounded one on the rows, if these have labels
            and something is rounded.
        stored: names of the tables that are stored in fewer bits.
    """

    path: Path
    num_bytes: int
    load_seconds: float
    verification: Verification
    rounding: Verification | None = None
    metrics: tuple[Mapping[str, Any], Mapping[str, Any]] | None = None
    stored: tuple[str, ...] = field(default=())


def export_ranker(
    ranker: Ranker,
    path: str | Path,
    *,
    rows: Any = None,  # noqa: ANN401  anything read_rows reads
    embeddings: str = "float32",
    tolerance: float = TOLERANCE,
    overwrite: bool = False,
) -> Export:
    """Write a ranker as one file, and check it on rows before it appears.

    An ``.onnx`` file takes raw values and holds everything: vocabularies, encodings of
    numbers, unknown and missing values, model and calibrators; any runtime of ONNX runs
    it. What it takes is told in its metadata. A ``.pt2`` file takes the tensors of an
    encoded ``Batch``, for servers that run PyTorch.

    Args:
        ranker: fitted.
        path: of the file, ending in ``.onnx`` or ``.pt2``.
        rows: raw rows to compare file and ranker on; None draws some from the
            vocabularies. With labels, they also tell what rounded tables cost.
        embeddings: what tables are stored in: ``float32``, ``float16``, or ``int8``
            with a scale per row.
        tolerance: how far a probability, or a value in standard deviations of its
            label, may be from the ranker's.
        overwrite: replace a file that is there.

    Returns:
        What was written.

    Raises:
        ValueError: if the ending or ``embeddings`` is none of those.
        DataError: if the file exists, or does not agree with the ranker; then nothing
            is written.
        MissingExtraError: if the extra ``serve`` is not installed.
    """
    path = Path(path)
    check_choice("the ending of path", path.suffix, SUFFIXES)
    check_positive("tolerance", tolerance)
    check_choice("embeddings", embeddings, EMBEDDINGS)
    if path.suffix == ".pt2" and embeddings != "float32":
        message = f"embeddings of a .pt2 file must be 'float32', got {embeddings!r}."
        raise ValueError(message)
    check_free(path, overwrite=overwrite)
    frame = _read(ranker, rows)
    rounded, tables = quantise(ranker, embeddings)
    with new_file(path) as partial:
        stored = _write(rounded, tables, partial)
        started = time.perf_counter()
        scorer = _open(rounded, partial)
        load_seconds = time.perf_counter() - started
        found = verify(rounded, scorer, frame, tolerance=tolerance)
        check_match(found, rounded, frame)
        files = [file for file in (partial, companion(partial)) if file.exists()]
        num_bytes = sum(file.stat().st_size for file in files)
    is_labelled = set(role_columns(ranker.schema)) <= set(frame.columns)
    return Export(
        path=path,
        num_bytes=num_bytes,
        load_seconds=load_seconds,
        verification=found,
        rounding=verify(ranker, scorer_of(rounded), frame) if tables else None,
        metrics=(ranker.evaluate(frame), rounded.evaluate(frame))
        if tables and is_labelled
        else None,
        stored=tuple(stored),
    )


def _read(ranker: Ranker, rows: Any) -> pl.DataFrame:  # noqa: ANN401
    if rows is None:
        return synthetic_rows(ranker.encoder, num_rows=NUM_SYNTHETIC)
    lazy = read_rows(rows, ranker.schema)
    types = lazy.collect_schema()
    check_columns(ranker.schema, types, labelled=False)
    roles = [name for name in role_columns(ranker.schema) if name in types]
    wanted = list(dict.fromkeys([*ranker.schema.names, *roles]))
    frame = lazy.select(wanted).head(MAX_ROWS).collect(engine="streaming")
    if frame.is_empty():
        message = "rows must hold at least one row, got none."
        raise DataError(message)
    return frame


def _write(ranker: Ranker, tables: Mapping[str, SmallTable], path: Path) -> list[str]:
    if path.suffix == ".pt2":
        from fieldwise.serving.export.torch_file import write_torch

        write_torch(ranker, path)
        return []
    try:
        from fieldwise.serving.export.onnx_file import write_onnx
    except ImportError as error:
        message = (
            "an export to ONNX needs onnx, onnxscript and onnxruntime. Install them "
            "with: pip install 'fieldwise[serve]'"
        )
        raise MissingExtraError(message) from error
    return write_onnx(ranker, tables, path)


def _open(ranker: Ranker, path: Path) -> Scorer:
    if path.suffix == ".pt2":
        from fieldwise.serving.export.torch_file import TorchFile

        return TorchFile(path, ranker.encoder).score
    from fieldwise.serving.export.onnx_file import OnnxFile

    return OnnxFile(path, ranker.encoder).score
