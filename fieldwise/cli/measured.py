"""What is measured of a fitted ranker while its encoded rows are there."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, final

from fieldwise.cli.tables import show_text

if TYPE_CHECKING:
    from fieldwise.data.encoded_parts import EncodedParts
    from fieldwise.diagnosis import Diagnosis
    from fieldwise.ranker import Ranker
    from fieldwise.report.evidence import Evidence

__all__ = ["Measured"]

_LOG = logging.getLogger("fieldwise")
Found = TypeVar("Found")


@final
@dataclass
class Measured:
    """Measurements that no fit of hours is lost for: what fails is told and left out.

    Args:
        evidence_wanted: ask explainers, too.
        diagnosis: what the report shows beside metrics, once measured.
        evidence: what explains the ranker, once gathered.
    """

    evidence_wanted: bool = True
    diagnosis: "Diagnosis | None" = None
    evidence: "Evidence | None" = None

    def measure(self, ranker: "Ranker", parts: "EncodedParts") -> None:
        """Measure a ranker on the held-out rows it was fitted beside.

        Args:
            ranker: a fitted ranker.
            parts: its encoded rows.
        """
        from fieldwise.diagnosis import diagnose

        datasets = parts.datasets
        self.diagnosis = _tried("diagnosed", lambda: diagnose(ranker, datasets))
        if self.evidence_wanted and self.diagnosis is not None:
            from fieldwise.report.evidence import gather_evidence

            show_text("explaining the ranker ...", stderr=True)
            held_out = datasets[self.diagnosis.part]
            self.evidence = _tried(
                "explained",
                lambda: gather_evidence(
                    ranker, train=datasets["train"], held_out=held_out
                ),
            )

    def save_evidence(self, folder: Path) -> None:
        """Write the evidence, if there is any.

        Args:
            folder: of the run.
        """
        found = self.evidence
        if found is not None:
            _tried("explained", lambda: found.save(folder))


def _tried(what: str, measure: Callable[[], Found]) -> Found | None:
    try:
        return measure()
    except Exception as error:
        _LOG.warning("the ranker was not %s: %s", what, error)
        return None
