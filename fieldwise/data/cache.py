"""What is worth keeping between runs, by the content it was made from.

::

    CACHEDIR.TAG         says that the folder is a cache
    encoded/KEY          encoded rows; manifest.json lists every file with its size
    checkpoints/KEY      states of unfinished fits
    locks/               who changes or uses an entry right now

An entry appears whole or not at all: it is filled under another name and renamed. Of
two processes that want the same entry, one makes it and the other waits for it.
"""

import logging
import os
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, final

from fieldwise._new_folder import new_folder
from fieldwise.data._cache_entry import (
    MANIFEST,
    CacheEntry,
    check_entry,
    describe,
    folder_bytes,
    write_manifest,
)
from fieldwise.data._cache_locks import EntryLocks, Lease
from fieldwise.data._cache_root import default_root, is_root, prepare_root
from fieldwise.errors import DataError

__all__ = ["Cache", "CacheEntry", "Lease"]

_LOG = logging.getLogger("fieldwise")

_FOLDERS: Mapping[str, str] = {"encoded": "encoded", "checkpoint": "checkpoints"}
"""Where each kind of entry is."""

_KEY = "[0-9A-Za-z_-]+"

T = TypeVar("T")


@final
class Cache:
    """A folder of entries that all runs share.

    Examples:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> cache = Cache(Path(folder.name))
        >>> def make(folder):
        ...     return (folder / "text").write_text("slowly made")
        >>> def read(folder):
        ...     return (folder / "text").read_text()
        >>> for _ in range(2):
        ...     with cache.get_or_make("ab12", make, read) as lease:
        ...         print(lease.content, lease.is_new)
        slowly made True
        slowly made False
        >>> [cache.remove(entry) for entry in cache.entries()]
        [True]
        >>> folder.cleanup()

    Args:
        root: the folder; by default the one FIELDWISE_CACHE names, or ``fieldwise`` in
            the folder the platform has for caches.
    """

    def __init__(self, root: Path | None = None) -> None:
        # Links on the way to the root are the user's choice; none below it is followed.
        self.root = (default_root() if root is None else root).expanduser().resolve()
        self._locks = EntryLocks(self.root / "locks")

    def get_or_make(
        self,
        key: str,
        make: Callable[[Path], int],
        read: Callable[[Path], T],
        *,
        made_from: str = "",
    ) -> Lease[T]:
        """Find an entry, or make it; wait while another process makes it.

        Args:
            key: checksum of all the entry is made from.
            make: fills an empty folder and returns how many rows it holds.
            read: reads the entry; a ``DataError`` means that it is damaged.
            made_from: what it is made from, in words.

        Returns:
            The entry, which stays as long as the lease.

        Raises:
            DataError: if the root is no cache, or what was just made cannot be read.
        """
        name, folder = self._place("encoded", key)
        prepare_root(self.root)
        with self._locks.changing(name):
            for left in self._folders("encoded", left_by=key):
                _remove_tree(left)
            content = _find(folder, read)
            is_new = content is None
            if content is None:
                self.sweep()
                _make(folder, make, made_from)
                content = (read(folder),)
            with suppress(OSError):
                os.utime(folder / MANIFEST)
            use = self._locks.use(name)
        return Lease(folder, content[0], use, is_new=is_new)

    def hold_checkpoint(self, key: str) -> Lease[None]:
        """Keep the checkpoints of a fit from being cleared.

        Args:
            key: checksum of all the fit depends on.

        Returns:
            The lease; its folder need not be there yet. A ``manifest.json`` in it may
            say what it was ``made_from``.
        """
        name, folder = self._place("checkpoint", key)
        prepare_root(self.root)
        with self._locks.changing(name):
            return Lease(folder, None, self._locks.use(name))

    def entries(self) -> list[CacheEntry]:
        """All entries, those used last first.

        Returns:
            The entries; none where there is no cache yet.

        Raises:
            DataError: if the root is a folder of something else.
        """
        if not self._is_there():
            return []
        found = []
        for kind in _FOLDERS:
            for folder in self._folders(kind):
                # It may be cleared at this very moment.
                with suppress(FileNotFoundError):
                    found.append(describe(folder, kind))
        return sorted(found, key=lambda entry: entry.last_used, reverse=True)

    def remove(self, entry: CacheEntry) -> bool:
        """Delete an entry.

        Args:
            entry: one of ``entries``.

        Returns:
            Whether it is gone; False if a run uses it or makes it anew.

        Raises:
            DataError: if the root is a folder of something else.
        """
        name, folder = self._place(entry.kind, entry.key)
        if not self._is_there():
            return True
        with self._locks.changing_if_free(name) as is_free:
            if not is_free or self._locks.is_used(name):
                return False
            if folder in self._folders(entry.kind):
                _delete(folder)
            return True

    def sweep(self) -> int:
        """Delete what killed runs left half made.

        Returns:
            The bytes that are free now.

        Raises:
            DataError: if the root is a folder of something else.
        """
        num_bytes = 0
        for kind in _FOLDERS if self._is_there() else ():
            for folder in self._folders(kind, left_by="*"):
                name = f"{kind}-{folder.name.split('.')[1]}"
                with self._locks.changing_if_free(name) as is_free:
                    # The state of a fit may be replaced right now by who uses it.
                    if is_free and not self._locks.is_used(name):
                        num_bytes += _remove_tree(folder)
        return num_bytes

    def _is_there(self) -> bool:
        if is_root(self.root):
            return True
        if self.root.exists() and (not self.root.is_dir() or any(self.root.iterdir())):
            message = (
                f"the cache must be a folder that fieldwise made, got "
                f"{str(self.root)!r}. Name the right one in FIELDWISE_CACHE."
            )
            raise DataError(message)
        return False

    def _place(self, kind: str, key: str) -> tuple[str, Path]:
        """The name of an entry's locks, and its folder."""
        if not re.fullmatch(_KEY, key):
            message = f"key must be letters, digits, '-' and '_', got {key!r}."
            raise ValueError(message)
        return f"{kind}-{key}", self._parent(kind) / key

    def _parent(self, kind: str) -> Path:
        parent = self.root / _FOLDERS[kind]
        if parent.is_symlink():
            message = (
                f"{str(parent)!r} must be no link: nothing outside the cache is "
                "deleted. Let FIELDWISE_CACHE name the place itself."
            )
            raise DataError(message)
        return parent

    def _folders(self, kind: str, *, left_by: str = "") -> list[Path]:
        """Entries of a kind, or what was left by those who made or deleted a key."""
        parent = self._parent(kind)
        # The names that new_folder and _delete give: .KEY.PID.partial, .KEY.PID.old
        paths = parent.glob(f".{left_by}.*.*" if left_by else "*")
        pattern = rf"\.{_KEY}\.[0-9]+\.(partial|old)" if left_by else _KEY
        return [
            path
            for path in sorted(paths)
            if re.fullmatch(pattern, path.name)
            and path.is_dir()
            and not path.is_symlink()
        ]


def _find(folder: Path, read: Callable[[Path], T]) -> tuple[T] | None:
    """What an entry holds; None if it is missing or damaged."""
    if not folder.exists():
        return None
    try:
        check_entry(folder, folder.name)
        return (read(folder),)
    except DataError as error:
        _LOG.warning("cache: %s is damaged and made again: %s", folder.name, error)
        return None


def _make(folder: Path, make: Callable[[Path], int], made_from: str) -> None:
    try:
        with new_folder(folder, replace=True) as partial:
            num_rows = make(partial)
            write_manifest(partial, folder.name, num_rows=num_rows, made_from=made_from)
    except OSError:
        # On a file system without locks another process may have been first.
        with suppress(DataError):
            check_entry(folder, folder.name)
            return
        raise


def _delete(folder: Path) -> None:
    # Renamed first: nobody ever meets half an entry.
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    _remove_tree(aside)
    folder.rename(aside)
    _remove_tree(aside)


def _remove_tree(folder: Path) -> int:
    """Delete a folder, following no link; tell its size."""
    if not folder.exists():
        return 0
    num_bytes = folder_bytes(folder)
    shutil.rmtree(folder)
    return num_bytes
