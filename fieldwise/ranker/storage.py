"""A ranker as a folder: JSON, Parquet and safetensors, nothing that can run.

::

    ranker.json          schema, model, metrics, versions; checksum of every other file
    vocabulary/N.parquet values and counts of the N-th field that has a vocabulary
    weights.safetensors  the model's tensors
    calibrator.json      one calibrator per label

File names come from positions, never from field names, so no name can leave the folder.
"""

import json
from pathlib import Path

from safetensors.torch import save_file

from fieldwise._bounded_read import read_bounded
from fieldwise._new_folder import new_folder
from fieldwise.data.checked_files import checksums, naming, read_checked
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoder_storage import read_vocabularies, write_vocabularies
from fieldwise.errors import RankerFormatError
from fieldwise.ranker.contents import RankerContents
from fieldwise.ranker.parsing import (
    FORMAT_VERSION,
    parse_calibrators,
    parse_manifest,
    parse_model,
)

__all__ = ["read_ranker", "write_ranker"]

MANIFEST = "ranker.json"
WEIGHTS = "weights.safetensors"
CALIBRATOR = "calibrator.json"


def write_ranker(contents: RankerContents, folder: Path, *, overwrite: bool) -> None:
    """Write a ranker under a temporary name, then rename.

    Args:
        contents: the ranker.
        folder: where to.
        overwrite: replace a ranker that is already there.

    Raises:
        RankerFormatError: if the folder exists and must not be replaced.
    """
    folder = folder.resolve()
    if folder.exists() and not (overwrite and (folder / MANIFEST).is_file()):
        remedy = "It holds no ranker" if overwrite else "Pass overwrite=True"
        message = f"folder must not exist, got {str(folder)!r}. {remedy}."
        raise RankerFormatError(message)
    with new_folder(folder, replace=overwrite) as partial:
        _write_files(contents, partial)


def _write_files(contents: RankerContents, folder: Path) -> None:
    write_vocabularies(contents.encoder, folder)
    state = contents.model.state_dict()
    tensors = {name: item.detach().cpu().contiguous() for name, item in state.items()}
    save_file(tensors, folder / WEIGHTS)
    calibrators = [item.to_dict() if item else None for item in contents.calibrators]
    (folder / CALIBRATOR).write_text(json.dumps(calibrators), "utf-8")
    manifest = {
        "format_version": FORMAT_VERSION,
        "model": {
            "name": contents.model_name,
            "arguments": dict(contents.model_arguments),
        },
        "schema": contents.encoder.schema.to_dict(),
        "negative_rate": contents.negative_rate,
        "info": dict(contents.info),
        "sha256": checksums(folder),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def read_ranker(folder: Path) -> RankerContents:
    """Read and check a ranker's folder.

    Args:
        folder: the ranker's folder.

    Returns:
        Its contents; the model is in eval mode.

    Raises:
        RankerFormatError: naming the file and what is wrong with it.
    """
    if not (folder / MANIFEST).is_file():
        message = f"folder must hold {MANIFEST}, got {str(folder)!r}. Is it a ranker?"
        raise RankerFormatError(message)
    with naming(MANIFEST, RankerFormatError):
        content = read_bounded(folder / MANIFEST)
        path = folder / WEIGHTS
        weight_bytes = path.stat().st_size if path.is_file() else 0
        manifest = parse_manifest(content, weight_bytes=weight_bytes)
    with naming(WEIGHTS, RankerFormatError):
        content = read_checked(
            folder, WEIGHTS, manifest.checksums, max_bytes=manifest.max_weight_bytes
        )
        model = parse_model(content, manifest)
    # Comes after the weights, whose size bounds what the schema may say of these.
    vocabularies = read_vocabularies(
        folder, manifest.schema, manifest.checksums, RankerFormatError
    )
    with naming(CALIBRATOR, RankerFormatError):
        content = read_checked(folder, CALIBRATOR, manifest.checksums)
        calibrators = parse_calibrators(content, manifest.schema.labels)
    with naming(MANIFEST, RankerFormatError):
        encoder = Encoder(manifest.schema, vocabularies)
    return RankerContents(
        encoder=encoder,
        model=model,
        calibrators=calibrators,
        model_name=manifest.model_name,
        model_arguments=manifest.model_arguments,
        negative_rate=manifest.negative_rate,
        info=manifest.info,
    )
