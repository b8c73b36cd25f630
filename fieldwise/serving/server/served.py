"""One version of a ranker, ready to answer."""

import hashlib
import time
from pathlib import Path
from threading import Lock
from typing import Any, final

from fieldwise.explanation.background import Background, prepare_background
from fieldwise.ranker import Ranker
from fieldwise.ranker.storage import MANIFEST
from fieldwise.serving.server.columns import check_rows
from fieldwise.serving.server.field_rule import rules_of
from fieldwise.serving.server.scorer import Scorer
from fieldwise.serving.server.shared_counts import new_counts
from fieldwise.serving.server.traffic import Traffic, TrafficLayout
from fieldwise.serving.server.typical_rows import typical_rows
from fieldwise.serving.server.value_drift import training_counts

__all__ = ["Served", "load_served"]

NUM_TYPICAL = 512
WARM_ROWS = (1, 1, 8, 300)
"""A few rows, and many: each takes a way of its own."""
VERSION_DIGITS = 16


@final
class Served:
    """A loaded ranker with all that answers are made of. Threads share it.

    Args:
        name: clients call it by.
        version: checksum of all files of the ranker.
        ranker: loaded.
        background: file of rows to compare with; None for typical rows.
        threads: that share the work on a ranking.

    Attributes:
        rules: of the fields.
        typical: rows as the training rows were.
        scorer: of the ranker.
        traffic: counts what is scored from now on.
        training: how often values came in training.
        loaded_at: seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        version: str,
        ranker: Ranker,
        *,
        background: Path | None = None,
        threads: int = 1,
    ) -> None:
        self.name = name
        self.version = version
        self.ranker = ranker
        self.rules = rules_of(ranker.schema)
        self.typical = typical_rows(ranker.encoder, NUM_TYPICAL, seed=0)
        self.scorer = Scorer(ranker, threads=threads)
        for num_rows in WARM_ROWS:
            self.scorer.score_together([self._check(self.typical[:num_rows])])
        layout = TrafficLayout(ranker.schema)
        self.traffic = Traffic(
            ranker.schema, layout, new_counts(name, version, layout.size)
        )
        self.training = training_counts(ranker.encoder)
        self.scorer.observe = self.traffic.observe
        self.loaded_at = time.time()
        self._background_file = background
        self._backgrounds: dict[str, Background] = {}
        self._preparing = Lock()
        if background is not None:
            # A file that cannot be used is found now, not by the first who asks why.
            self.background(ranker.schema.label_names[0])

    def _check(self, rows: object) -> Any:  # noqa: ANN401
        return check_rows(self.rules, rows, max_rows=NUM_TYPICAL)

    def background(self, label: str) -> Background:
        """The rows that explained rows are compared with.

        Args:
            label: whose logit is explained.

        Returns:
            The background; drawn at the first call.
        """
        with self._preparing:
            found = self._backgrounds.get(label)
            if found is None:
                rows = self._background_file or self._check(self.typical).frame()
                found = prepare_background(self.ranker, rows, label=label)
                self._backgrounds[label] = found
        return found


def load_served(
    name: str, folder: Path, *, background: Path | None = None, threads: int = 1
) -> Served:
    """Load a ranker and let it score some rows, so that the first client does not wait.

    Args:
        name: clients call it by.
        folder: of the ranker.
        background: file of rows to compare with.
        threads: that share the work on a ranking.

    Returns:
        The ranker, ready.

    Raises:
        RankerFormatError: naming the file and what is wrong with it.
    """
    # A link may be set to another folder in the meantime: all files come from one.
    folder = folder.resolve()
    ranker = Ranker.load(folder)
    # It holds the checksums of all other files, which loading has compared.
    manifest = (folder / MANIFEST).read_bytes()
    version = hashlib.sha256(manifest).hexdigest()[:VERSION_DIGITS]
    return Served(name, version, ranker, background=background, threads=threads)
