"""What a ranking found, in one object."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, final

from fieldwise._new_folder import check_new_folder, new_folder
from fieldwise.importance import Importance
from fieldwise.selection.outrank.noise import NOISE
from fieldwise.selection.outrank.page import ranking_page
from fieldwise.selection.outrank.quality_report import QualityReport

__all__ = ["FieldRanking", "check_new"]

REPORT, QUALITY, FIELDS = "report.md", "quality.json", "fields"

check_new = partial(check_new_folder, what="ranking", marker=REPORT)
"""Raises unless a ranking may be written to a folder."""


@final
@dataclass(frozen=True)
class FieldRanking:
    """Fields by what they say about a label, and what a table looks like.

    Args:
        label: what was ranked by.
        num_blocks: blocks of rows behind every median.
        fields: score of each field.
        controls: likewise, of columns made up for comparison.
        quality: all columns, and what looks wrong.
        order: fields by what each adds to those before it, if asked for.
        between: what each two fields say about each other, if asked for.
        combinations: what fields say together, if asked for.
        forms: other forms of numbers, if asked for.
        values: single values of lists, if there are lists.
    """

    label: str
    num_blocks: int
    fields: Importance
    controls: Importance
    quality: QualityReport
    order: Importance | None = None
    between: Importance | None = None
    combinations: Importance | None = None
    forms: Importance | None = None
    values: Importance | None = None

    @property
    def best_noise(self) -> tuple[str, float]:
        """The noise control with the highest score, and this score."""
        names, scores = self.controls.names, self.controls.scores.tolist()
        known = dict(zip(names, scores, strict=True))
        name = max(NOISE, key=known.__getitem__)
        return name, known[name]

    @property
    def below_noise(self) -> tuple[str, ...]:
        """Fields that say no more than noise does: candidates for removal.

        A list is none of them if one of its values says more.
        """
        line = self.best_noise[1]
        kept = {*self.fields.above(line).kept}
        if self.values is not None:
            kept |= {name[0] for name in self.values.above(line).kept}
        return tuple(str(name) for name in self.fields.ranked if name not in kept)

    def __repr__(self) -> str:
        name, score = self.best_noise
        parts = [repr(self.order or self.fields)]
        parts += [repr(self.combinations)] if self.combinations else []
        below = ", ".join(self.below_noise) or "no field"
        parts += [f"Not above the best noise ({name}, {score:.4g}): {below}"]
        return "\n".join(parts)

    def importances(self) -> Iterator[tuple[str, Importance]]:
        """Go through all that were asked for.

        Yields:
            The name of each, and the importance.
        """
        others = ("controls", "order", "combinations", "between", "forms", "values")
        for name in (FIELDS, *others):
            importance = getattr(self, name)
            if importance is not None:
                yield name, importance

    def to_dict(self) -> dict[str, Any]:
        """The ranking as plain JSON types."""
        return {
            "label": self.label,
            "num_blocks": self.num_blocks,
            **{name: found.to_dict() for name, found in self.importances()},
            "below_noise": list(self.below_noise),
            "quality": self.quality.to_dict(),
        }

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write the ranking to a folder, all of it or nothing.

        ``Importance.load`` reads ``fields`` in it, and each other one that was asked
        for; ``report.md`` is for people, ``quality.json`` for machines.

        Args:
            folder: where to.
            overwrite: replace a ranking that is already there.

        Raises:
            DataError: if the folder exists and must not be replaced.
        """
        folder = Path(folder).resolve()
        check_new(folder, overwrite=overwrite)
        with new_folder(folder, replace=overwrite) as partial:
            for name, importance in self.importances():
                importance.save(partial / name)
            quality = json.dumps(self.quality.to_dict(), indent=1, ensure_ascii=False)
            (partial / QUALITY).write_text(quality, "utf-8")
            (partial / REPORT).write_text(ranking_page(self), "utf-8")
