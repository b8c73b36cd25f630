"""An estimator as a folder: JSON, Parquet and safetensors, nothing that can run.

::

    estimator.json  class, parameters, columns, classes
    ranker/         as Ranker.save writes it
    importance/     as Importance.save writes it
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise._bounded_read import read_bounded
from fieldwise._new_folder import check_new_folder, new_folder
from fieldwise.data.checked_files import checksums, naming, read_checked
from fieldwise.errors import ConfigError, RankerFormatError
from fieldwise.estimators.fitted_parts import FittedParts

__all__ = ["read_estimator", "write_estimator"]

MANIFEST = "estimator.json"
FORMAT_VERSION = 1
ARRAYS = ("classes_", "feature_names_in_")
"""Attributes that are arrays of one axis, where an estimator has them."""
TIED = ("ranker/ranker.json", "importance/about.json")
"""They hold the checksums of the other files of their folders."""
KINDS = "biufUO"
"""Types of such arrays: whatever else there is could not be written as JSON."""


def write_estimator(
    estimator: Any, parts: FittedParts, folder: Path, *, overwrite: bool
) -> None:
    """Write an estimator under a temporary name, then rename.

    Args:
        estimator: a fitted one.
        parts: its fitted parts.
        folder: where to.
        overwrite: replace an estimator that is already there.

    Raises:
        ConfigError: if a parameter is no plain JSON.
        DataError: if the folder exists and must not be replaced.
    """
    parameters = estimator.get_params(deep=False)
    unfit = sorted(name for name, value in parameters.items() if not _is_json(value))
    if unfit:
        message = (
            f"parameters must be plain JSON types to be saved, got others in {unfit}. "
            "Save the ranker alone: estimator.ranker_.save(folder)."
        )
        raise ConfigError(message)
    manifest: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "estimator": type(estimator).__name__,
        "parameters": parameters,
        "columns": list(estimator.columns_),
        "group": getattr(estimator, "group_", None),
        "arrays": {
            name: _describe(getattr(estimator, name))
            for name in ARRAYS
            if hasattr(estimator, name)
        },
    }
    folder = folder.resolve()
    check_new_folder(folder, what="estimator", marker=MANIFEST, overwrite=overwrite)
    with new_folder(folder, replace=overwrite) as partial:
        parts.write(partial)
        manifest["sha256"] = checksums(partial)
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def read_estimator(kind: type[Any], folder: Path) -> tuple[Any, FittedParts]:
    """Read and check an estimator's folder.

    Args:
        kind: class of the estimator it must hold.
        folder: where it is.

    Returns:
        The estimator without its fitted parts, and these.

    Raises:
        RankerFormatError: naming the file that is wrong, and how.
        DataError: the same, for a file of the importance.
    """
    with naming(MANIFEST, RankerFormatError):
        manifest = json.loads(read_bounded(folder / MANIFEST))
        wanted = {"format_version": FORMAT_VERSION, "estimator": kind.__name__}
        for key, value in wanted.items():
            if manifest[key] != value:
                message = f"its {key} must be {value!r}, got {manifest[key]!r}"
                raise RankerFormatError(message)
        estimator = kind(**manifest["parameters"])
        estimator.columns_ = tuple(map(str, manifest["columns"]))
        estimator.n_features_in_ = len(estimator.columns_)
        if manifest["group"] is not None:
            estimator.group_ = str(manifest["group"])
        for name in ARRAYS:
            if name in manifest["arrays"]:
                setattr(estimator, name, _array(manifest["arrays"][name]))
    for file in TIED:
        with naming(file, RankerFormatError):
            read_checked(folder, file, manifest["sha256"])
    return estimator, FittedParts.read(folder)


def _is_json(value: object) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _describe(array: NDArray[Any]) -> dict[str, Any]:
    values = array.tolist()
    if array.dtype.kind not in KINDS or not _is_json(values):
        message = (
            f"classes must be numbers, text or booleans to be saved, got {array.dtype}."
        )
        raise ConfigError(message)
    return {"type": array.dtype.str, "values": values}


def _array(entry: dict[str, Any]) -> NDArray[Any]:
    dtype = np.dtype(entry["type"])
    if dtype.kind not in KINDS:
        message = f"an array must be of one of the kinds {KINDS!r}, got {dtype}"
        raise RankerFormatError(message)
    # A text is as long as it is: a file that says otherwise would ask for memory.
    return np.array(entry["values"], dtype=np.str_ if dtype.kind == "U" else dtype)
