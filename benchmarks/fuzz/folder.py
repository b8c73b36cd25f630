"""A copy of a ranker's folder that is about to be damaged."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, final

__all__ = ["MANIFEST", "Damage", "Folder"]

MANIFEST = "ranker.json"
RANKER_TEXTS = (MANIFEST, "calibrator.json")


@final
@dataclass(frozen=True)
class Folder:
    """What a damage may work on.

    Args:
        root: the copy.
        others: undamaged folders of the same kind.
        bombs: files that inflate, made beforehand.
        rng: decides everything.
        texts: names of its JSON files; the first holds the checksums.
    """

    root: Path
    others: tuple[Path, ...]
    bombs: Path
    rng: Random
    texts: tuple[str, ...] = RANKER_TEXTS

    @property
    def manifest(self) -> str:
        """The file that holds the checksums."""
        return self.texts[0]

    @property
    def is_ranker(self) -> bool:
        """Whether it is one, not an importance or a selection."""
        return self.manifest == MANIFEST

    def files(self) -> list[Path]:
        """All files, in order."""
        return sorted(path for path in self.root.rglob("*") if path.is_file())

    def file(self) -> Path:
        """Any file."""
        return self.rng.choice(self.files())

    def tables(self) -> list[Path]:
        """The Parquet files, in order."""
        return sorted(self.root.rglob("*.parquet"))

    def json(self, name: str) -> Any:
        """The content of a JSON file."""
        return json.loads((self.root / name).read_text("utf-8"))

    def write_json(self, value: Any, name: str) -> None:
        """Replace a JSON file."""
        # It may be a link to that of an undamaged ranker, which must stay so.
        (self.root / name).unlink(missing_ok=True)
        (self.root / name).write_text(json.dumps(value), "utf-8")

    def sign(self) -> None:
        """Make the checksums those of the files, as a careful vandal would."""
        if not _is_small(self.root / self.manifest):
            return
        try:
            manifest = self.json(self.manifest)
            sums = manifest["sha256"]
            if isinstance(sums, str):
                manifest["sha256"] = self._sum(self.tables()[0].name) or sums
            else:
                manifest["sha256"] = {
                    name: self._sum(name) or sums[name] for name in sums
                }
            self.write_json(manifest, self.manifest)
        except (ValueError, LookupError, TypeError, OSError, RecursionError):
            return  # the manifest itself is damaged

    def has_wrong_sum(self, source: Path) -> bool:
        """Whether a file is another one, and the checksum is still the old one."""
        if not _is_small(self.root / self.manifest):
            return False
        try:
            sums = self.json(self.manifest)["sha256"]
            known = json.loads((source / self.manifest).read_text("utf-8"))["sha256"]
            return any(
                sums[name] == known[name] and self._sum(name) != known[name]
                for name in known
            )
        except (ValueError, LookupError, TypeError, OSError, RecursionError):
            return False  # the manifest itself is damaged, which is another matter

    def _sum(self, name: str) -> str | None:
        path = self.root / name
        return _sha256(path) if _is_small(path) else None


Damage = Callable[[Folder], None]


def _is_small(path: Path) -> bool:
    """Whether it can be read at once; files of the system have no size."""
    return path.is_file() and 0 < path.stat().st_size < 2**28


def _sha256(path: Path) -> str:
    # Files of the system can be endless, and have no size.
    with path.open("rb") as file:
        return hashlib.sha256(file.read(path.stat().st_size)).hexdigest()


def copy_folder(source: Path, target: Path) -> Path:
    """Copy a folder, links as links."""
    shutil.copytree(source, target, symlinks=True)
    return target
