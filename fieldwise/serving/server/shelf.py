"""The rankers that are served, one version of each, exchanged in one step."""

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread, get_native_id
from typing import TypeAlias, final

from fieldwise.ranker.storage import MANIFEST
from fieldwise.serving.server.served import Served, load_served

__all__ = ["Shelf"]

_LOG = logging.getLogger("fieldwise.serving")
NICE = 10
"""Loading gives way to answering."""

Signature: TypeAlias = tuple[tuple[str, int, int, int], ...]


@final
class Shelf:
    """Holds the present version of each ranker, and looks for new ones.

    A request takes its version from here once and keeps it to its end.

    Args:
        folders: of rankers, by name; the first is the default.
        backgrounds: files of rows to compare with, by name.
        threads: that share the work on a ranking.

    Attributes:
        swaps: how many new versions were taken, by name.
        refusals: how many could not be loaded, by name.
    """

    def __init__(
        self,
        folders: Mapping[str, Path],
        backgrounds: Mapping[str, Path],
        *,
        threads: int = 1,
    ) -> None:
        self._threads = threads
        self._folders = dict(folders)
        self._backgrounds = dict(backgrounds)
        self._served: dict[str, Served] = {}
        self._signatures: dict[str, Signature] = {}
        self.swaps = dict.fromkeys(folders, 0)
        self.refusals = dict.fromkeys(folders, 0)
        self._checking = Lock()
        self._wanted = Event()

    def load(self) -> None:
        """Load all rankers.

        Raises:
            RankerFormatError: if one of them cannot be loaded.
        """
        for name in self._folders:
            # First: what is written while it is loaded is found at the next look.
            with suppress(OSError):
                self._signatures[name] = self._signature(name)
            self._served[name] = self._load(name)

    @property
    def names(self) -> list[str]:
        """Of the rankers, the default one first."""
        return list(self._folders)

    def get(self, name: str) -> Served:
        """Find the present version of a ranker.

        Args:
            name: of the ranker.

        Returns:
            The ranker.
        """
        return self._served[name]

    def watch(self, seconds: float) -> None:
        """Look for new versions from now on, in a thread of its own.

        Args:
            seconds: between two looks; 0 to look only when asked to.
        """
        name = "fieldwise-versions"
        Thread(target=self._watch, args=(seconds,), name=name, daemon=True).start()

    def look(self) -> None:
        """Ask for a look; returns at once."""
        self._wanted.set()

    def _watch(self, seconds: float) -> None:
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), NICE)
        while True:
            is_asked = self._wanted.wait(seconds or None)
            self._wanted.clear()
            for name in self._folders:
                self.check(name, again=is_asked)

    def check(self, name: str, *, again: bool = False) -> None:
        """Take a new version of a ranker if there is one, else keep the present one.

        Args:
            name: of the ranker.
            again: try a folder once more that could not be loaded.
        """
        with self._checking:
            try:
                signature = self._signature(name)
            except OSError:
                return  # between two versions: the next look finds one
            if signature == self._signatures.get(name) and not again:
                return
            self._signatures[name] = signature
            self._exchange(name)

    def _exchange(self, name: str) -> None:
        before = self._served[name]
        try:
            served = self._load(name)
        except BaseException as error:
            # Whatever is wrong with the new version, the present one goes on; what
            # fails inside Polars is no Exception.
            self.refusals[name] += 1
            told = {"ranker": name, "version": before.version, "error": str(error)}
            _LOG.error("new version refused", extra={"told": told})
            return
        if served.version == before.version:
            return
        self._served[name] = served
        self.swaps[name] += 1
        told = {"ranker": name, "version": served.version, "before": before.version}
        _LOG.warning("new version", extra={"told": told})

    def _load(self, name: str) -> Served:
        background = self._backgrounds.get(name)
        return load_served(
            name,
            self._folders[name],
            background=background,
            threads=self._threads,
        )

    def _signature(self, name: str) -> Signature:
        """Changes whenever a file of the folder does."""
        folder = self._folders[name].resolve()
        (folder / MANIFEST).stat()  # raises where there is no ranker, maybe not yet
        found = []
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            stat = path.stat()
            found.append((str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return tuple(found)
