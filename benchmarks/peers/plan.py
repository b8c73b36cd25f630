"""Which measurements there are, and in which order: libraries take turns."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.peers.runners.fieldwise_runner import VARIANTS

__all__ = ["CONTENDERS", "KINDS", "MODELS", "Contender", "Job", "plan"]

KINDS = ("start", "encode", "encode_csv", "train", "raw", "scale")
MODELS = ("deepfm", "dcnv2", "autoint", "finalmlp", "lightgbm")
SMALL_MODELS = ("dcnv2", "autoint", "finalmlp")
"""Their step costs two to seven times DeepFM's: they see fewer training rows."""
SCALE = 4
"""Times more rows, to see that speed does not depend on the number of them."""


@dataclass(frozen=True)
class Contender:
    """A library, or one way of using it.

    Args:
        name: in tables.
        runner: module in ``runners``.
        encoded_by: contender whose encoded rows it trains on.
        variant: way of training.
        kinds: what it is measured in.
        models: what it trains.
        once: take one repetition only.
    """

    name: str
    runner: str
    encoded_by: str
    variant: str = ""
    kinds: tuple[str, ...] = ("train",)
    models: tuple[str, ...] = ("deepfm", "dcnv2", "autoint")
    once: bool = False

    @property
    def is_peer(self) -> bool:
        """Whether it runs in the environment of the peers."""
        return self.runner != "fieldwise_runner"


def _fieldwise(variant: str, *kinds: str, models: tuple[str, ...]) -> Contender:
    name = "fieldwise" if variant == "float32" else f"fieldwise {variant}"
    return Contender(name, "fieldwise_runner", "fieldwise", variant, kinds, models)


_ALL = ("deepfm", "dcnv2", "autoint", "finalmlp")
CONTENDERS = (
    Contender(
        "FuxiCTR",
        "fuxictr_runner",
        "FuxiCTR",
        kinds=("start", "encode", "encode_csv", "train"),
        models=_ALL,
    ),
    Contender(
        "pandas + LabelEncoder",
        "label_encoded",
        "pandas + LabelEncoder",
        kinds=("encode", "encode_csv"),
    ),
    Contender(
        "DeepCTR-Torch",
        "deepctr_runner",
        "pandas + LabelEncoder",
        kinds=("start", "train"),
    ),
    Contender(
        "torch-rechub",
        "rechub_runner",
        "pandas + LabelEncoder",
        kinds=("start", "train"),
    ),
    Contender(
        "LightGBM",
        "lightgbm_runner",
        "",
        kinds=("start", "train"),
        models=("lightgbm",),
        once=True,
    ),
    *(
        _fieldwise(variant, *kinds, models=_ALL)
        for variant in VARIANTS
        for kinds in [
            ("start", "encode", "encode_csv", "train", "raw", "scale")
            if variant == "float32"
            else ("train",)
        ]
    ),
    _fieldwise("defaults", "train", models=("deepfm",)),
)


@dataclass(frozen=True)
class Job:
    """One measurement of one contender."""

    kind: str
    contender: Contender
    model: str
    repetition: int
    scale: int = 1

    @property
    def key(self) -> str:
        """Names the job in the journal."""
        times = f" x{self.scale}" if self.scale > 1 else ""
        model = f" {self.model}" if self.model else ""
        return f"{self.kind}{model}{times} | {self.contender.name} | {self.repetition}"

    @property
    def part(self) -> str:
        """Training rows it uses."""
        return "train_small" if self.model in SMALL_MODELS else "train"

    @property
    def file_type(self) -> str:
        """Raw files it reads."""
        return "csv" if self.kind == "encode_csv" else "parquet"

    @property
    def task_kind(self) -> str:
        """What the runner calls it."""
        return "encode" if self.kind == "encode_csv" else self.kind


def plan(
    *,
    kinds: Collection[str],
    models: Collection[str],
    repetitions: int,
    own_models: Collection[str],
    fuxictr: bool = True,
) -> list[Job]:
    """All jobs in order.

    Args:
        kinds: of ``KINDS``.
        models: of ``MODELS``.
        repetitions: of each job.
        own_models: models that fieldwise has.
        fuxictr: whether there is a FuxiCTR to measure.

    Returns:
        Repetition by repetition; within one, kind by kind and model by model; within
        those the contenders take turns, another one first each time.
    """
    contenders = [item for item in CONTENDERS if fuxictr or item.name != "FuxiCTR"]
    jobs = []
    for repetition in range(repetitions):
        for kind, model in _rounds(kinds, models):
            entered = [
                item
                for item in _rotated(contenders, repetition)
                if _takes_part(item, kind, model, own_models)
                and not (item.once and repetition > 0)
            ]
            for contender in entered:
                jobs.append(Job(kind, contender, model, repetition))
    if "scale" in kinds:
        for contender in contenders:
            if "scale" in contender.kinds:
                jobs.append(Job("encode", contender, "", 0, SCALE))
                jobs.append(Job("train", contender, "deepfm", 0, SCALE))
    return jobs


def _rounds(
    kinds: Collection[str], models: Collection[str]
) -> Iterator[tuple[str, str]]:
    for kind in ("start", "encode_csv", "encode"):
        if kind in kinds:
            yield kind, ""
    for model in MODELS:
        if "train" in kinds and model in models:
            yield "train", model
    # It loads what training saved.
    if "raw" in kinds and "deepfm" in models:
        yield "raw", "deepfm"


def _takes_part(
    contender: Contender, kind: str, model: str, own_models: Collection[str]
) -> bool:
    known = contender.is_peer or not model or model in own_models
    return (
        kind in contender.kinds and (not model or model in contender.models) and known
    )


def _rotated(items: Sequence[Contender], by: int) -> list[Contender]:
    cut = by % len(items)
    return [*items[cut:], *items[:cut]]
