"""Locks of cache entries: one for who changes an entry, one each for who uses it.

The system frees both kinds when their process ends, however it ends. A use has a lock
file of its own, because a lock that several share is not to be had on every system.
"""

import logging
import os
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar, final

from filelock import FileLock, Timeout

__all__ = ["EntryLocks", "Lease"]

_LOG = logging.getLogger("fieldwise")

T = TypeVar("T")


@final
class Lease(Generic[T]):
    """An entry that nobody clears while the lease is held.

    It ends with ``release``, at the end of a ``with`` block, when nothing refers to it
    any more, or with the process.

    Args:
        folder: of the entry.
        content: what was read from it.
        use: the lock of this use, held.
        is_new: whether the entry was made just now.
    """

    def __init__(
        self, folder: Path, content: T, use: FileLock, *, is_new: bool = False
    ) -> None:
        self.folder = folder
        self.content = content
        self.is_new = is_new
        self._end = weakref.finalize(self, _end_use, use, os.getpid())

    def release(self) -> None:
        """Let others clear the entry; a second call does nothing."""
        self._end()

    def __enter__(self) -> "Lease[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@final
class EntryLocks:
    """The lock files of all entries.

    Args:
        folder: where they are; made when the first is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def changing(self, name: str) -> Iterator[None]:
        """Hold the lock of one entry, waiting for it as long as it takes.

        Args:
            name: of the entry.

        Yields:
            Nothing.
        """
        lock = self._lock(name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            _LOG.info("cache: waiting for another process that makes %.20s", name)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def changing_if_free(self, name: str) -> Iterator[bool]:
        """Hold the lock of one entry, if nobody else does.

        Args:
            name: of the entry.

        Yields:
            Whether the lock is held.
        """
        lock = self._lock(name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def use(self, name: str) -> FileLock:
        """Note that an entry is in use; its lock for changes must be held.

        Args:
            name: of the entry.

        Returns:
            A lock of this use alone, held.
        """
        path = self._path(f"{name}.{uuid.uuid4().hex}.use")
        # Whatever thread drops the lease last ends the use.
        lock = FileLock(path, thread_local=False)
        lock.acquire()
        return lock

    def is_used(self, name: str) -> bool:
        """Whether somebody uses an entry; its lock for changes must be held.

        Args:
            name: of the entry.

        Returns:
            Whether a use is alive; what dead processes left is removed.
        """
        for path in self._folder.glob(f"{name}.*.use"):
            try:
                with FileLock(path, timeout=0):
                    path.unlink(missing_ok=True)
            except Timeout:
                return True
        return False

    def _lock(self, name: str) -> FileLock:
        return FileLock(self._path(f"{name}.lock"))

    def _path(self, name: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / name


def _end_use(use: FileLock, pid: int) -> None:
    # A forked child has a copy of the lease, but the use is its parent's.
    if os.getpid() != pid:
        return
    path = Path(use.lock_file)
    use.release()
    with suppress(OSError):
        path.unlink()
