"""The parts of a table as datasets, encoded by what the training part taught."""

import hashlib
import json
import logging
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import polars as pl

from fieldwise.data.cache import Cache, Lease
from fieldwise.data.dataset import FORMAT_VERSION as DATASET_FORMAT
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoder_storage import FORMAT_VERSION as ENCODER_FORMAT
from fieldwise.data.encoder_storage import read_encoder, write_encoder
from fieldwise.data.encoding import UnknownCounter, encode_to_folder
from fieldwise.data.kept_hashes import KeptHashes
from fieldwise.data.parts import Parts, part_fingerprint
from fieldwise.data.row_bar import row_bar
from fieldwise.errors import DataError
from fieldwise.schema import Schema

__all__ = ["EncodedParts", "encode_parts", "encoded_key"]

_LOG = logging.getLogger("fieldwise")

ENCODING_VERSION = 1
"""To be raised when the same table and schema are encoded in another way."""

SHARES = "unknown_shares.json"


@final
@dataclass(frozen=True)
class EncodedParts:
    """The parts as datasets, and what was counted on the way.

    In a ``with`` block, entries of the cache are not cleared before its end.

    Args:
        encoder: fitted on the training part.
        datasets: by part.
        unknown_shares: share of unknown values by part and field, in [0, 1].
        lease: of the entry the datasets are mapped from; None without a cache.
    """

    encoder: Encoder
    datasets: dict[str, Dataset]
    unknown_shares: dict[str, dict[str, float]]
    lease: Lease[Any] | None = field(default=None, repr=False, compare=False)

    def fingerprints(self) -> dict[str, str]:
        """What each dataset was made from, by part."""
        return {name: dataset.fingerprint for name, dataset in self.datasets.items()}

    def __enter__(self) -> "EncodedParts":
        return self

    def __exit__(self, *_: object) -> None:
        if self.lease is not None:
            self.lease.release()


def encode_parts(
    parts: Parts,
    schema: Schema,
    folder: Path,
    *,
    fingerprint: str = "",
    progress: bool | None = None,
    cache: Cache | None = None,
    table: str = "a table",
) -> EncodedParts:
    """Fit an encoder on the training part and encode every part.

    With a cache, parts that were encoded before are found there, and both passes over
    the table are saved. What was made with another setting, from other data or another
    split, or by another version is not found.

    Args:
        parts: the divided table.
        schema: the fields; need not be fitted.
        folder: each part gets a folder in it, unless the cache holds them.
        fingerprint: of the raw table; without it nothing is looked up or kept.
        progress: show a bar; None shows it in a terminal.
        cache: where encoded parts are kept for the next run.
        table: what the table is called where the cache is listed.

    Returns:
        The datasets, memory-mapped.

    Raises:
        SchemaError: if columns are missing or cannot be read, or a label has one class.
        DataError: if there are no training rows.
    """
    if cache is None or not fingerprint:
        return _encode(parts, schema, folder, fingerprint, progress)
    key = encoded_key(schema, data=fingerprint, split=parts.checksum)

    def make(entry: Path) -> int:
        encoded = _encode(parts, schema, entry, fingerprint, progress)
        write_encoder(encoded.encoder, entry / "encoder")
        shares = json.dumps(encoded.unknown_shares, indent=1)
        (entry / SHARES).write_text(shares, "utf-8")
        return sum(map(len, encoded.datasets.values()))

    labels = ", ".join(map(repr, schema.label_names))
    made_from = f"{table}: {len(schema)} fields, label {labels}, {parts.split}"
    lease = cache.get_or_make(key, make, _read, made_from=made_from)
    way = "kept in" if lease.is_new else "from"
    _LOG.info("encoded rows: %s the cache, %s", way, key[:12])
    read = lease.content
    return EncodedParts(read.encoder, read.datasets, read.unknown_shares, lease)


def encoded_key(schema: Schema, *, data: str, split: str) -> str:
    """Checksum all that encoded parts depend on.

    Args:
        schema: the fields as they are before they are fitted: every setting.
        data: fingerprint of the raw table or tables.
        split: checksum of the division into parts.

    Returns:
        A sha256 in hexadecimal.
    """
    behind = {
        "fieldwise": version("fieldwise"),
        # Another Polars may read the same file, or write the same number, differently.
        "polars": pl.__version__,
        "formats": [ENCODING_VERSION, DATASET_FORMAT, ENCODER_FORMAT],
        "schema": schema.to_dict(),
        "data": data,
        "split": split,
    }
    return hashlib.sha256(json.dumps(behind, sort_keys=True).encode()).hexdigest()


def _encode(
    parts: Parts,
    schema: Schema,
    folder: Path,
    fingerprint: str,
    progress: bool | None,
) -> EncodedParts:
    folder.mkdir(parents=True, exist_ok=True)
    with KeptHashes(folder) as hashes:
        encoder = Encoder.fit(parts.train, schema, hashes=hashes)
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
                        encoder.schema,
                        data=fingerprint,
                        split=parts.checksum,
                        part=name,
                    ),
                    unknown=unknown,
                    hashes=hashes if name == "train" else None,
                    progress=advance,
                )
            encoded.unknown_shares[name] = unknown.shares()
    return encoded


def _read(entry: Path) -> EncodedParts:
    try:
        shares = json.loads((entry / SHARES).read_bytes())
        datasets = {name: Dataset.open(entry / name) for name in shares}
    except (OSError, ValueError, TypeError) as error:
        message = f"{SHARES} must tell the shares of each part: {error}."
        raise DataError(message) from error
    return EncodedParts(read_encoder(entry / "encoder"), datasets, shares)
