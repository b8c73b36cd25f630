"""What is wrong, the worst first, each with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from fieldwise.report.blocks import Tone
from fieldwise.report.figures import count, percent, shortened
from fieldwise.report.run_contents import RunContents

__all__ = ["Finding", "find_problems"]

MANY_UNKNOWN = 0.2
"""Share of unknown values from which a field hardly tells the rows apart."""
FEW_ROWS = 1000
WORST_RATIO, SEGMENT_ROWS, SEGMENT_SHARE = 1.5, 100, 0.02

_ORDER: dict[Tone, int] = {"bad": 0, "warn": 1, "good": 2, "": 3}


@final
@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Args:
        title: in a few words.
        text: what it is, and what to do.
        tone: how bad it is.
    """

    title: str
    text: str
    tone: Tone


def find_problems(run: RunContents) -> list[Finding]:
    """Look for what a reader must be warned of.

    Args:
        run: what a run tells.

    Returns:
        The worst first.
    """
    found = [*_leaks(run), *_baseline(run), *_segments(run), *_unknown(run)]
    found += [*_rows(run), *_training(run)]
    return sorted(found, key=lambda one: _ORDER[one.tone])


def _leaks(run: RunContents) -> Iterator[Finding]:
    for warning in run.warnings:
        yield Finding("The data may leak", warning, "bad")


def _baseline(run: RunContents) -> Iterator[Finding]:
    for label, metrics in run.metrics.items():
        if metrics.get("normalized_entropy", 0.0) >= 1 or metrics.get("r2", 1.0) <= 0:
            yield Finding(
                "No better than a constant",
                f"Always predicting the mean of {label} is as good. Look at the fields "
                "(fieldwise rank), at the learning curve, and at what is known before "
                "the label is.",
                "bad",
            )


def _rows(run: RunContents) -> Iterator[Finding]:
    rows = run.rows
    if run.part == "valid":
        yield Finding(
            "No test rows",
            "Everything was measured on the validation rows, which also chose the best "
            "epoch and the calibration, so it looks better than it is. Hold test rows "
            "out: name a column that says train, valid or test with --split.",
            "warn",
        )
    measured = rows.get(run.part, FEW_ROWS)
    if measured < FEW_ROWS:
        yield Finding(
            "Few rows to measure on",
            f"There are {count(measured)} {run.part} rows: differences in the third "
            "digit mean nothing, and neither do small segments.",
            "warn",
        )


def _unknown(run: RunContents) -> Iterator[Finding]:
    shares = run.unknown_shares.get(run.part, {})
    at_fit = run.unknown_shares.get("train", {})
    many = {name: share for name, share in shares.items() if share >= MANY_UNKNOWN}
    if not many:
        return
    worst = max(many, key=lambda name: many[name])
    more = f" {len(many) - 1} more fields have many, too." if len(many) > 1 else ""
    yield Finding(
        f"Unknown values of {worst}",
        f"{percent(many[worst])} of the values of {worst} in the {run.part} rows were "
        f"too rare or never there in training ({percent(at_fit.get(worst, 0.0))} "
        f"there).{more} A field of ever new values teaches little: leave it out, or "
        "use one that returns.",
        "warn",
    )


def _segments(run: RunContents) -> Iterator[Finding]:
    total = run.rows.get(run.part, 0)
    worst: tuple[float, str] | None = None
    for segment in () if run.diagnosed is None else run.diagnosed.segments:
        for line in segment["lines"]:
            ratio = line["calibration_ratio"]
            least = max(SEGMENT_ROWS, SEGMENT_SHARE * total)
            if not ratio or line["num_rows"] < least:
                continue
            off = max(ratio, 1 / ratio)
            value = shortened(str(line["value"]))
            said, was = line["mean_probability"], line["positive_rate"]
            text = (
                f"Where {segment['field']} is {value}, {percent(said)} was "
                f"predicted and {percent(was)} happened, in {count(line['num_rows'])} "
                "rows. The mean over all rows hides it."
            )
            if off >= WORST_RATIO and (worst is None or off > worst[0]):
                worst = (off, text)
    if worst is not None:
        yield Finding("A segment is far off", worst[1], "warn")


def _training(run: RunContents) -> Iterator[Finding]:
    history = run.histories.get(run.model, {})
    epochs = history.get("epochs", ())
    if len(epochs) > 1 and history.get("best_epoch") == len(epochs):
        yield Finding(
            "Training could go on",
            f"The last of {len(epochs)} epochs was the best one. More may be better: "
            f"--set recipe.num_epochs={2 * len(epochs)}.",
            "warn",
        )
    for note in history.get("notes", ()):
        yield Finding("Training differs from its recipe", str(note), "")
