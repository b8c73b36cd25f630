"""The file that says what a folder of results is a comparison of."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fieldwise.comparison.identity import differences
from fieldwise.errors import DataError

__all__ = ["MANIFEST", "agree", "write_json"]

MANIFEST = "comparison.json"
FORMAT_VERSION = 1


def agree(folder: Path, identity: Mapping[str, Any]) -> None:
    """Note what is compared, or see that it is still the same.

    Args:
        folder: of the comparison.
        identity: all that results depend on.

    Raises:
        DataError: naming what differs from what is there.
    """
    path = folder / MANIFEST
    merged = dict(identity)
    if path.is_file():
        known = _read(path)
        if lines := differences(known, identity):
            message = (
                f"out must be the folder of the same comparison, got {str(folder)!r} "
                f"with another one: {'; '.join(lines)}. Take another folder, or "
                "overwrite this one."
            )
            raise DataError(message)
        merged["model"] = {**known["model"], **identity["model"]}
    write_json(path, {"format_version": FORMAT_VERSION, "identity": merged})


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a file under another name, and rename it.

    Args:
        path: the file.
        value: plain JSON types.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(value, indent=1), "utf-8")
    partial.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text("utf-8"))
        version, identity = manifest["format_version"], dict(manifest["identity"])
        dict(identity["model"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} must say what is compared: {error!r}."
        raise DataError(message) from error
    if version != FORMAT_VERSION:
        message = f"{path} must have format {FORMAT_VERSION}, got {version}."
        raise DataError(message)
    return identity
