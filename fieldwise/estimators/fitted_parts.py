"""The fitted parts of an estimator as a folder, or as the bytes of one.

::

    ranker/      as Ranker.save writes it
    importance/  as Importance.save writes it

Both are read by their own checked readers, also where the bytes came out of a pickle:
no weight, vocabulary or number is unpickled.
"""

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import final

from fieldwise.importance import Importance
from fieldwise.ranker import Ranker

__all__ = ["FittedParts"]


@final
@dataclass(frozen=True)
class FittedParts:
    """What was fitted.

    Args:
        ranker: scores rows.
        importance: what each field is worth to it.
    """

    ranker: Ranker
    importance: Importance

    def write(self, folder: Path) -> None:
        """Write the parts.

        Args:
            folder: that exists, and has neither part yet.
        """
        self.ranker.save(folder / "ranker")
        self.importance.save(folder / "importance")

    @classmethod
    def read(cls, folder: Path) -> "FittedParts":
        """Read what ``write`` wrote.

        Args:
            folder: where it is.

        Returns:
            The parts.

        Raises:
            RankerFormatError: naming the file of the ranker that is wrong.
            DataError: naming the file of the importance that is wrong.
        """
        return cls(
            Ranker.load(folder / "ranker"), Importance.load(folder / "importance")
        )

    def to_bytes(self) -> bytes:
        """The folder as one zip file."""
        content = io.BytesIO()
        with tempfile.TemporaryDirectory(prefix="fieldwise-") as name:
            folder = Path(name)
            self.write(folder)
            with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                    archive.write(path, path.relative_to(folder))
        return content.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "FittedParts":
        """Read what ``to_bytes`` gave.

        Args:
            content: of the zip file.

        Returns:
            The parts.

        Raises:
            RankerFormatError: naming the file of the ranker that is wrong.
            DataError: naming the file of the importance that is wrong.
        """
        with tempfile.TemporaryDirectory(prefix="fieldwise-") as name:
            # Names that would lead out of the folder are mended by zipfile.
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(name)
            return cls.read(Path(name))
