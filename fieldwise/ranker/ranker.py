"""Encoder, model and calibrators as one object."""

import logging
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from torch import nn

from fieldwise._checks import check_choice
from fieldwise.batch import Batch
from fieldwise.calibration import Calibrator
from fieldwise.data.columns import check_columns
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_to_folder
from fieldwise.data.loader import Loader
from fieldwise.data.row_bar import row_bar
from fieldwise.errors import SchemaError
from fieldwise.nn.precision import PRECISIONS
from fieldwise.ranker.contents import RankerContents
from fieldwise.ranker.evaluation import measure, to_values, without_calibration
from fieldwise.ranker.plain_scorer import PlainScorer
from fieldwise.ranker.predictions import Predictions
from fieldwise.ranker.rows import plain_rows, read_rows
from fieldwise.ranker.storage import read_ranker, write_ranker
from fieldwise.ranker.streaming import encoded_chunks
from fieldwise.schema import Schema
from fieldwise.scoring import score_batches

__all__ = ["Ranker"]

_LOG = logging.getLogger("fieldwise")
UNKNOWN_ALARM = 0.2
"""A field is reported when its share of unknown values exceeds that at fit by this."""
ALARM_ROWS = 100
"""Fewer rows than this say nothing about a share."""
SCORING_BATCH = 8192

_BUILDING = threading.Lock()
"""Held while a ranker gets its look-up for single rows, never while one predicts."""


@final
class Ranker:
    """Scores raw rows.

    Made by ``fieldwise.fit`` or ``fieldwise.load``.

    What happens to odd input: missing columns are an error that lists them all; extra
    columns are ignored; a null is a value of its own where training rows had nulls,
    else it counts as an unknown name or as the mean number; a name never seen, or of
    a type that cannot be cast to the field's, is unknown; an empty list is a list of
    one null; text that is no number in a numeric field is an error that names the
    field. Labels need not be there to predict.

    A few rows as dictionaries take a way of their own, without a frame: the same
    result in a fraction of a millisecond and the time of the model. The first call
    builds a look-up for it. Threads may share a ranker.

    Args:
        encoder: the fitted encoder.
        model: the trained model.
        calibrators: one per label; None for real labels.
        model_name: name in ``MODELS``.
        model_arguments: what the model was built with, beside the schema.
        negative_rate: share of negatives kept in the log it was fitted on;
            probabilities are corrected to the full log.
        info: metrics, recipe, fingerprints, environment: JSON types only.
    """

    def __init__(
        self,
        encoder: Encoder,
        model: nn.Module,
        calibrators: Sequence[Calibrator | None],
        *,
        model_name: str,
        model_arguments: Mapping[str, Any],
        negative_rate: float = 1.0,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        self.encoder = encoder
        self.model = model.eval()
        self.calibrators = tuple(calibrators)
        self.model_name = model_name
        self.model_arguments = dict(model_arguments)
        self.negative_rate = negative_rate
        self.info = dict(info or {})
        self._precision = "float32"
        self._plain_scorer: PlainScorer | None = None
        if len(self.calibrators) != len(encoder.schema.labels):
            message = (
                f"calibrators must be one per label ({len(encoder.schema.labels)}), "
                f"got {len(self.calibrators)}."
            )
            raise SchemaError(message)

    def __repr__(self) -> str:
        schema = self.schema
        parameters = sum(weight.numel() for weight in self.model.parameters())
        return (
            f"Ranker({self.model_name!r}, labels={list(schema.label_names)}, "
            f"fields={len(schema)}, parameters={parameters:,})"
        )

    @property
    def schema(self) -> Schema:
        """The fitted schema."""
        return self.encoder.schema

    @property
    def metrics(self) -> dict[str, Any]:
        """Metrics of the held-out parts, by part: ``ranker.metrics["valid"]``.

        Each is what ``evaluate`` returns: ``ece`` after calibration,
        ``ece_uncalibrated`` before it.
        """
        metrics: dict[str, Any] = self.info.get("metrics", {})
        return metrics

    @property
    def precision(self) -> str:
        """What logits are computed in: ``float32``, ``bf16`` or ``auto``.

        Set it to trade digits for speed, ``ranker.precision = "bf16"``, where the
        hardware has instructions for it; ``auto`` does so for many rows where it is
        faster. It is not saved with the ranker.
        """
        return self._precision

    @precision.setter
    def precision(self, precision: str) -> None:
        check_choice("precision", precision, PRECISIONS)
        self._precision = precision

    def predict(self, data: Any, *, progress: bool = False) -> NDArray[np.float64]:  # noqa: ANN401
        """Calibrated probabilities (or values, for real labels).

        Args:
            data: a frame, file, Arrow table, dict or list of dicts.
            progress: draw a bar.

        Returns:
            ``(row,)`` with one label, else ``(row, task)``.
        """
        return self.score(data, progress=progress).values

    def score(self, data: Any, *, progress: bool = False) -> Predictions:  # noqa: ANN401
        """Probabilities, logits and the share of unknown values per field.

        Rows are read and scored in chunks, so a file need not fit into memory; only
        the predictions must. Where they need not be together, use ``score_chunks``.

        Args:
            data: a frame, file, Arrow table, dict or list of dicts.
            progress: draw a bar.

        Returns:
            The predictions, in row order.

        Raises:
            SchemaError: if columns are missing or cannot be read; all are listed.
        """
        if (rows := plain_rows(data)) and (found := self._score_plain(rows)):
            return found
        frame = read_rows(data, self.schema)
        parts = [Predictions(self._no_rows(), self._no_rows())]
        total = progress and frame.select(pl.len()).collect(engine="streaming").item()
        with row_bar("scoring", int(total), shown=progress) as advance:
            for part in self.score_chunks(frame):
                parts.append(part)
                advance(len(part))
        return Predictions.join(parts)

    def encode_plain(self, data: Any) -> Batch | None:  # noqa: ANN401
        """Encode a few rows of plain values without a frame, which costs milliseconds.

        Args:
            data: one row as a dict, or a list of dicts.

        Returns:
            The rows without labels; None where they are not a few, or a frame must
            decide what they are.
        """
        rows = plain_rows(data)
        encoded = self._scorer_of_rows().encode(rows) if rows else None
        return None if encoded is None else encoded[0]

    def score_chunks(
        self,
        data: Any,  # noqa: ANN401
        *,
        keep: Sequence[str] = (),
    ) -> Iterator[Predictions]:
        """Score rows of any number, chunk by chunk, in constant memory.

        While the model scores a chunk, the next one is read.

        Examples:
            ``for part in ranker.score_chunks("log.parquet", keep=["user"]):`` gives
            ``part.kept`` and ``part.values``, row by row beside each other.

        Args:
            data: a frame, file, Arrow table, dict or list of dicts.
            keep: columns of the input to pass on, such as keys.

        Returns:
            The predictions, chunk after chunk in row order.

        Raises:
            SchemaError: if columns are missing or cannot be read; all are listed.
        """
        frame = read_rows(data, self.schema)
        types = frame.collect_schema()
        check_columns(self.schema, types, labelled=False)
        if missing := [name for name in keep if name not in types]:
            message = f"keep must be columns of the rows, got {missing}."
            raise SchemaError(message)
        return self._score_chunks(frame, keep)

    def _score_chunks(
        self, frame: pl.LazyFrame, keep: Sequence[str]
    ) -> Iterator[Predictions]:
        unknown, num_rows = UnknownCounter(), 0
        for chunk in encoded_chunks(self.encoder, frame, keep):
            logits = self._logits(chunk.rows)
            kept = chunk.kept if keep else None
            yield Predictions(self.calibrate(logits), logits, chunk.unknown, kept)
            unknown.merge(chunk.unknown)
            num_rows += len(logits)
        self._report(unknown, num_rows)

    def _score_plain(self, rows: Sequence[Mapping[str, Any]]) -> Predictions | None:
        scorer = self._scorer_of_rows()
        encoded = scorer.encode(rows)
        if encoded is None:
            return None
        batch, unknown = encoded
        # For a few rows bfloat16 is never faster: the weights must be converted.
        logits = scorer.logits(batch) if self._precision != "bf16" else None
        if logits is None:
            logits = self._run([batch])
        self._report(unknown, len(rows))
        return Predictions(self.calibrate(logits), logits, unknown)

    def _scorer_of_rows(self) -> PlainScorer:
        scorer = self._plain_scorer
        if scorer is None or not scorer.serves(self.encoder, self.model):
            with _BUILDING:
                scorer = self._plain_scorer
                if scorer is None or not scorer.serves(self.encoder, self.model):
                    scorer = PlainScorer(self.encoder, self.model)
                    self._plain_scorer = scorer
        return scorer

    def evaluate(self, data: Any, *, negative_rate: float = 1.0) -> dict[str, Any]:  # noqa: ANN401
        """Metrics on labelled rows.

        Args:
            data: a frame, file, Arrow table, dict or list of dicts, with labels.
            negative_rate: share of negatives that were kept in these rows; the others
                count for those that were dropped.

        Returns:
            Metrics by name; with several labels, by label and name.

        Raises:
            SchemaError: if columns are missing or cannot be read; all are listed.
        """
        rows = read_rows(data, self.schema)
        with tempfile.TemporaryDirectory(prefix="fieldwise-") as folder:
            encoded = encode_to_folder(
                self.encoder, rows, Path(folder) / "rows", labelled=True
            )
            return self.evaluate_encoded(encoded, negative_rate=negative_rate)

    def evaluate_encoded(
        self, dataset: Dataset, *, calibrated: bool = True, negative_rate: float = 1.0
    ) -> dict[str, Any]:
        """Metrics on encoded, labelled rows.

        Args:
            dataset: rows of this ranker's own encoder.
            calibrated: whether to calibrate first.
            negative_rate: share of negatives that were kept in these rows.

        Returns:
            Metrics by name; with several labels, by label and name.
        """
        logits = self._by_task(self._logits(dataset))
        plain = self._values(logits, without_calibration(self.calibrators))
        values = self._values(logits, self.calibrators) if calibrated else plain
        return measure(
            dataset,
            values,
            uncalibrated=plain if calibrated else None,
            negative_rate=negative_rate,
        )

    def calibrate(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn logits into probabilities (or values, for real labels).

        Args:
            logits: ``(row,)`` or ``(row, task)``.

        Returns:
            Same shape.
        """
        return self._values(self._by_task(logits), self.calibrators).reshape(
            logits.shape
        )

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the ranker to a folder, all of it or nothing.

        Args:
            folder: where to.
            overwrite: replace a ranker that is already there.

        Raises:
            RankerFormatError: if the folder exists and must not be replaced.
        """
        contents = RankerContents(
            encoder=self.encoder,
            model=self.model,
            calibrators=self.calibrators,
            model_name=self.model_name,
            model_arguments=self.model_arguments,
            negative_rate=self.negative_rate,
            info=self.info,
        )
        write_ranker(contents, Path(folder), overwrite=overwrite)

    @classmethod
    def load(cls, folder: str | Path) -> "Ranker":
        """Read a ranker that ``save`` wrote. Never runs code from the folder.

        Args:
            folder: the ranker's folder.

        Returns:
            The ranker.

        Raises:
            RankerFormatError: naming the file and what is wrong with it.
        """
        contents = read_ranker(Path(folder))
        return cls(
            contents.encoder,
            contents.model,
            contents.calibrators,
            model_name=contents.model_name,
            model_arguments=contents.model_arguments,
            negative_rate=contents.negative_rate,
            info=contents.info,
        )

    def _logits(self, dataset: Dataset) -> NDArray[np.float64]:
        if len(dataset) == 0:
            return self._no_rows()
        return self._run(Loader(dataset, batch_size=SCORING_BATCH).epoch(0))

    def _run(self, batches: Iterable[Batch]) -> NDArray[np.float64]:
        return score_batches(self.model, batches, precision=self._precision)

    def _no_rows(self) -> NDArray[np.float64]:
        num_tasks = self.schema.num_tasks
        return np.empty((0,) if num_tasks == 1 else (0, num_tasks))

    def _report(self, unknown: UnknownCounter, num_rows: int) -> None:
        if num_rows < ALARM_ROWS:
            return
        at_fit = self.info.get("unknown_shares", {}).get("train", {})
        drifted = {
            name: round(share, 4)
            for name, share in unknown.shares().items()
            if share > at_fit.get(name, 0.0) + UNKNOWN_ALARM
        }
        if drifted:
            _LOG.warning("far more unknown values than at fit: %s", drifted)

    def _by_task(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        return logits.reshape(len(logits), len(self.calibrators))

    def _values(
        self, logits: NDArray[np.float64], calibrators: Sequence[Calibrator | None]
    ) -> NDArray[np.float64]:
        return to_values(
            logits,
            self.schema.labels,
            calibrators,
            negative_rate=self.negative_rate,
        )
