"""The parts of a table as datasets, encoded by what the training part taught."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import final

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_to_folder
from fieldwise.data.parts import Parts, part_fingerprint
from fieldwise.data.row_bar import row_bar
from fieldwise.schema import Schema

__all__ = ["EncodedParts", "encode_parts"]

_LOG = logging.getLogger("fieldwise")


@final
@dataclass(frozen=True)
class EncodedParts:
    """The parts as datasets, and what was counted on the way.

    Args:
        encoder: fitted on the training part.
        datasets: by part.
        unknown_shares: share of unknown values by part and field, in [0, 1].
    """

    encoder: Encoder
    datasets: dict[str, Dataset]
    unknown_shares: dict[str, dict[str, float]]

    def fingerprints(self) -> dict[str, str]:
        """What each dataset was made from, by part."""
        return {name: dataset.fingerprint for name, dataset in self.datasets.items()}


def encode_parts(
    parts: Parts,
    schema: Schema,
    folder: Path,
    *,
    fingerprint: str = "",
    progress: bool | None = None,
) -> EncodedParts:
    """Fit an encoder on the training part and encode every part.

    Args:
        parts: the divided table.
        schema: the fields; need not be fitted.
        folder: each part gets a folder in it.
        fingerprint: of the raw table.
        progress: show a bar; None shows it in a terminal.

    Returns:
        The datasets, memory-mapped.

    Raises:
        SchemaError: if columns are missing or cannot be read, or a label has one class.
        DataError: if there are no training rows.
    """
    encoder = Encoder.fit(parts.train, schema)
    _LOG.info("encoder: %d features", encoder.schema.num_features)
    encoded = EncodedParts(encoder, {}, {})
    for name, frame in parts.named().items():
        unknown = UnknownCounter()
        rows = parts.counts[name]
        with row_bar(f"encoding {name}", rows, shown=progress) as advance:
            encoded.datasets[name] = encode_to_folder(
                encoder,
                frame,
                folder / name,
                labelled=True,
                fingerprint=part_fingerprint(
                    encoder.schema, data=fingerprint, split=parts.checksum, part=name
                ),
                unknown=unknown,
                progress=advance,
            )
        encoded.unknown_shares[name] = unknown.shares()
    return encoded
