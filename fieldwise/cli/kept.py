"""What a fit keeps for the next one: encoded rows, and its state until it is done."""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from fieldwise.data.cache import Cache

__all__ = ["Kept", "kept_for"]

_LOG = logging.getLogger("fieldwise")


@final
@dataclass(frozen=True)
class Kept:
    """Where a fit keeps what.

    Args:
        cache: of encoded rows; None keeps none.
        checkpoints: folder of the state of the training; None keeps none.
    """

    cache: "Cache | None"
    checkpoints: Path | None

    def forget_state(self) -> None:
        """Delete the state: the fit is done, and its result is safe."""
        if self.checkpoints is not None:
            shutil.rmtree(self.checkpoints, ignore_errors=True)


@contextmanager
def kept_for(run: Path, *, wanted: bool) -> Iterator[Kept]:
    """Open the cache for one run; while it is open, nothing it uses is cleared.

    Args:
        run: folder the run will have; the same folder finds the same state.
        wanted: whether to keep anything.

    Yields:
        The places. A cache that cannot be written is told, and does without.
    """
    if not wanted:
        yield Kept(None, None)
        return
    from fieldwise.data.cache import Cache

    cache = Cache()
    key = hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:32]
    try:
        lease = cache.hold_checkpoint(key)
        lease.folder.mkdir(parents=True, exist_ok=True)
        manifest = json.dumps({"made_from": f"unfinished fit of {run}"})
        (lease.folder / "manifest.json").write_text(manifest, "utf-8")
    except OSError as error:
        _LOG.warning("nothing is kept, the cache cannot be written: %s", error)
        yield Kept(None, None)
        return
    with lease:
        yield Kept(cache, lease.folder)
