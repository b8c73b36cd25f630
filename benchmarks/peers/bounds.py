"""What fieldwise promises about its place among the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks.peers.plan import SCALE
from benchmarks.peers.summary import Cell, Summary

__all__ = ["BOUNDS", "Bound", "Verdict"]

TRAINERS = ("FuxiCTR", "DeepCTR-Torch", "torch-rechub")
How = Literal["ratio", "inverse", "difference", "alone"]


@dataclass(frozen=True)
class Verdict:
    """What a bound came to; ``value`` is None where numbers are missing."""

    value: float | None
    met: bool | None


@dataclass(frozen=True)
class Bound:
    """One promise.

    Args:
        what: in words.
        limit: what the number is held against.
        at_least: whether the number must not be smaller, or not larger.
        ours: the number of fieldwise.
        theirs: numbers it is compared with: the best of them counts.
        how: ours by theirs, theirs by ours, ours less theirs, or ours alone.
        lower_is_better: which of ``theirs`` is the best.
    """

    what: str
    limit: float
    at_least: bool
    ours: Cell
    theirs: tuple[Cell, ...] = ()
    how: How = "ratio"
    lower_is_better: bool = False

    def judge(self, summary: Summary) -> Verdict:
        """Hold the bound against what was measured."""
        value = self._value(summary)
        if value is None:
            return Verdict(None, None)
        met = value >= self.limit if self.at_least else value <= self.limit
        return Verdict(value, met)

    def _value(self, summary: Summary) -> float | None:
        ours = summary.median(self.ours)
        if ours is None or self.how == "alone":
            return ours
        found = [summary.median(cell) for cell in self.theirs]
        known = [value for value in found if value is not None]
        if len(known) < len(found):  # the best of some is not the best of all
            return None
        best = min(known) if self.lower_is_better else max(known)
        ways: dict[str, Callable[[], float]] = {
            "ratio": lambda: ours / best,
            "inverse": lambda: best / ours,
            "difference": lambda: ours - best,
        }
        return ways[self.how]()


def _trained(metric: str, model: str, names: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(Cell("train", name, metric, model) for name in names)


def _at_least(what: str, limit: float, ours: Cell, *theirs: Cell) -> Bound:
    how: How = "ratio" if theirs else "alone"
    return Bound(what, limit, True, ours, theirs, how)


def _at_most(what: str, limit: float, ours: Cell, *theirs: Cell) -> Bound:
    how: How = "ratio" if theirs else "alone"
    return Bound(what, limit, False, ours, theirs, how, lower_is_better=True)


def _training(
    model: str,
    title: str,
    limits: Mapping[str, float],
    trainers: Sequence[str] = TRAINERS,
) -> tuple[Bound, ...]:
    """Limits by variant; ``trainers`` are the peers that have the model."""
    return tuple(
        _at_least(
            f"train {title}{variant or ' fastest float32'}, rows/s : best peer",
            limit,
            Cell("train", f"fieldwise{variant}", "train_rows_s", model),
            *_trained("train_rows_s", model, trainers),
        )
        for variant, limit in limits.items()
    )


def _prediction(variant: str, limit: float) -> Bound:
    return _at_least(
        f"predict DeepFM{variant or ' float32'}, encoded rows/s : best peer",
        limit,
        Cell("train", f"fieldwise{variant}", "predict_rows_s", "deepfm"),
        *_trained("predict_rows_s", "deepfm", TRAINERS),
    )


_ENCODED = Cell("encode", "fieldwise", "encode_rows_s")
_PEAK = Cell("train", "fieldwise", "peak_mb", "deepfm")
BOUNDS = (
    _at_least(
        "encode Parquet, rows/s : FuxiCTR",
        15.0,
        _ENCODED,
        Cell("encode", "FuxiCTR", "encode_rows_s"),
    ),
    _at_least(
        "encode Parquet, rows/s : pandas + LabelEncoder",
        4.0,
        _ENCODED,
        Cell("encode", "pandas + LabelEncoder", "encode_rows_s"),
    ),
    *_training("deepfm", "DeepFM", {" native": 1.6, "": 2.2, " bf16": 3.3}),
    *_training("dcnv2", "DCNv2", {" native": 1.2, "": 1.7, " bf16": 2.5}),
    *_training("autoint", "AutoInt", {"": 1.3}),
    *_training("finalmlp", "FinalMLP", {"": 1.3}, ["FuxiCTR"]),
    _prediction("", 1.7),
    _prediction(" bf16", 4.0),
    _at_least(
        "predict DeepFM from a raw Parquet file, rows/s",
        150_000.0,
        Cell("raw", "fieldwise", "raw_rows_s", "deepfm"),
    ),
    Bound(
        "one-row call of DeepFM, best peer : ours",
        4.0,
        True,
        Cell("train", "fieldwise", "one_p50_ms", "deepfm"),
        _trained("one_p50_ms", "deepfm", TRAINERS),
        how="inverse",
        lower_is_better=True,
    ),
    _at_most(
        "one raw row to a probability, p50 ms",
        1.0,
        Cell("raw", "fieldwise", "raw_one_p50_ms", "deepfm"),
    ),
    _at_most(
        "peak memory of training DeepFM : FuxiCTR",
        0.45,
        _PEAK,
        *_trained("peak_mb", "deepfm", ["FuxiCTR"]),
    ),
    _at_most(
        "peak memory of training DeepFM : torch-rechub",
        0.65,
        _PEAK,
        *_trained("peak_mb", "deepfm", ["torch-rechub"]),
    ),
    Bound(
        "AUC of DeepFM after an epoch, defaults, less best peer",
        -0.002,
        True,
        Cell("train", "fieldwise defaults", "auc", "deepfm"),
        _trained("auc", "deepfm", TRAINERS),
        how="difference",
    ),
    _at_most(
        "import fieldwise, s", 1.0, Cell("start", "fieldwise", "package_import_s")
    ),
    _at_most("fieldwise --help, s", 0.6, Cell("start", "fieldwise", "help_s")),
    _at_least(
        f"train DeepFM, rows/s of {SCALE} times the rows : of the rows",
        0.9,
        Cell("train", "fieldwise", "train_rows_s", "deepfm", SCALE),
        Cell("train", "fieldwise", "train_rows_s", "deepfm"),
    ),
    _at_least(
        f"encode, rows/s of {SCALE} times the rows : of the rows",
        0.9,
        Cell("encode", "fieldwise", "encode_rows_s", "", SCALE),
        _ENCODED,
    ),
)
