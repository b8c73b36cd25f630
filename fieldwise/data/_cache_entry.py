"""One entry of the cache as a folder: what it is, and whether it is whole."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

from fieldwise.errors import DataError

__all__ = ["CacheEntry", "check_entry", "describe", "folder_bytes", "write_manifest"]

FORMAT_VERSION = 1

MANIFEST = "manifest.json"


@final
@dataclass(frozen=True)
class CacheEntry:
    """What is known of an entry.

    Args:
        kind: ``encoded`` or ``checkpoint``.
        key: checksum of what it was made from.
        num_rows: encoded rows; None where nobody counted.
        num_bytes: on the disk.
        created: when it was made.
        last_used: when it was made or found last.
        made_from: what it was made from, in words.
    """

    kind: str
    key: str
    num_rows: int | None
    num_bytes: int
    created: datetime
    last_used: datetime
    made_from: str

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain JSON types."""
        times = {
            name: getattr(self, name).isoformat(timespec="seconds")
            for name in ("created", "last_used")
        }
        return asdict(self) | times


def write_manifest(folder: Path, key: str, *, num_rows: int, made_from: str) -> None:
    """Write ``manifest.json``, last, so that a folder without it is incomplete.

    Args:
        folder: of the entry, filled.
        key: of the entry.
        num_rows: encoded rows.
        made_from: what it was made from, in words.
    """
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {
        "format_version": FORMAT_VERSION,
        "key": key,
        "made_from": made_from,
        "num_rows": num_rows,
        "num_bytes": sum(sizes.values()),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "fieldwise": version("fieldwise"),
        "files": sizes,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def check_entry(folder: Path, key: str) -> None:
    """Raise unless an entry is whole.

    Args:
        folder: of the entry.
        key: it must have been made for.

    Raises:
        DataError: if the manifest, or a file it lists, is missing or damaged.
    """
    manifest = _read_manifest(folder)
    found = (manifest.get("format_version"), manifest.get("key"))
    sizes = manifest.get("files")
    if found != (FORMAT_VERSION, key) or not isinstance(sizes, dict):
        message = f"{MANIFEST} must tell what the entry holds."
        raise DataError(message)
    for file, size in sizes.items():
        path = folder / file
        got = path.stat().st_size if path.is_file() else "none"
        if got != size:
            message = f"{file} must have {size} bytes, got {got}."
            raise DataError(message)


def describe(folder: Path, kind: str) -> CacheEntry:
    """Tell what is known of an entry, be it whole or not.

    Args:
        folder: of the entry.
        kind: of the entry.

    Returns:
        The entry.
    """
    manifest = _read_manifest(folder)
    files = _files(folder)
    times = [path.lstat().st_mtime for path in files] or [folder.stat().st_mtime]
    num_rows = manifest.get("num_rows")
    return CacheEntry(
        kind=kind,
        key=folder.name,
        num_rows=num_rows if isinstance(num_rows, int) else None,
        num_bytes=folder_bytes(folder),
        created=datetime.fromtimestamp(min(times), UTC),
        # The manifest is touched whenever the entry is used.
        last_used=datetime.fromtimestamp(max(times), UTC),
        made_from=str(manifest.get("made_from", "")),
    )


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder; links count as themselves.

    Args:
        folder: the folder.

    Returns:
        Their sum.
    """
    return sum(path.lstat().st_size for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    return [
        path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    ]


def _read_manifest(folder: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
