"""What explains a fitted ranker, measured while its encoded rows are there.

Several methods, side by side, so that a report can say where they agree: what fields
add to logits, what of it makes them right, what the model's own layers say; which pairs
say something only together; and whether all models that are as good say so, too.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, final

import numpy as np

from fieldwise.data.dataset import Dataset
from fieldwise.errors import FieldwiseError
from fieldwise.explanation import (
    BaselineModel,
    EmbeddedLoss,
    FieldContributions,
    InteractionCloud,
    draw_baselines,
    gradient_correlation,
    integrated_gradients,
    interaction_cloud,
    intrinsic_fields,
    intrinsic_pairs,
    pair_differences,
)
from fieldwise.importance import Importance
from fieldwise.models.cost import cost_of
from fieldwise.ranker import Ranker
from fieldwise.report.cloud_files import save_cloud
from fieldwise.report.importance_files import IMPORTANCES

__all__ = ["Evidence", "gather_evidence"]

BUDGET = 2e11
"""Multiply-adds of contributions: some seconds of one core, whatever the model."""
MAX_EXPLAINED, MIN_EXPLAINED = 500, 50
"""Rows whose contributions are found."""
PAIR_FIELDS, PAIR_ROWS, PAIR_BASELINES = 8, 100, 8
CLOUDS, CLOUD_SECONDS = ((4, 500), (3, 500), (3, 200)), 30.0
"""Fields and rows of a cloud, the first that is done in time; else it is left out."""
NUM_MODELS, SEARCHED = 36, 200
"""Models of a pair; losses that the search asks for, of each field and side, about."""
GRADIENT = 3
"""What a gradient costs, in scores."""

_LOG = logging.getLogger("fieldwise")
Found = TypeVar("Found")


@final
@dataclass(frozen=True, eq=False)
class Evidence:
    """Importances of a ranker, and a cloud of models that are almost as good.

    Args:
        importances: of fields and pairs, by the name of their folder.
        cloud: of the pairs of a few fields; None where it would take too long.
    """

    importances: Mapping[str, Importance] = field(default_factory=dict)
    cloud: InteractionCloud | None = None

    def save(self, run: str | Path) -> None:
        """Put everything into the folder of a run, where the report finds it.

        Args:
            run: folder of the run.
        """
        for name, importance in self.importances.items():
            importance.save(Path(run) / IMPORTANCES / name)
        if self.cloud is not None:
            save_cloud(self.cloud, run, "almost-as-good")


def gather_evidence(ranker: Ranker, *, train: Dataset, held_out: Dataset) -> Evidence:
    """Ask every method that takes seconds what matters to a ranker.

    Of several labels the first one is explained. A method that cannot be asked, because
    logits do not vary, say, is left out.

    Args:
        ranker: a fitted ranker.
        train: encoded rows to compare with.
        held_out: encoded rows with labels that the ranker was not trained on.

    Returns:
        What they say.
    """
    if not len(train) or not len(held_out):
        return Evidence()
    work = max(1, cost_of(ranker.model, ranker.schema).multiply_adds)
    model = BaselineModel(ranker.model, ranker.schema, draw_baselines(train))
    found = _contributions(model, held_out, work)
    fields = [str(name) for name in found.importance().ranked[:PAIR_FIELDS]]
    asked: list[Callable[[], Importance]] = [
        found.importance,
        lambda: gradient_correlation(found, _labels(held_out, len(found))),
        lambda: intrinsic_fields(ranker, _some(held_out, MAX_EXPLAINED)),
        lambda: intrinsic_pairs(ranker, _some(held_out, MAX_EXPLAINED)),
        lambda: _pairs(model, held_out, fields),
    ]
    answers = [answer for ask in asked if (answer := _answer(ask)) is not None]
    # The last one was asked of the whole model; a single field has no pair.
    pairs = next((each for each in reversed(answers) if each.unit == "pair"), None)
    return Evidence(
        importances={_folder(each): each for each in answers if len(each)},
        cloud=None
        if pairs is None or not len(pairs)
        else _answer(lambda: _cloud(ranker, held_out, pairs)),
    )


def _answer(ask: Callable[[], Found]) -> Found | None:
    try:
        return ask()
    except (FieldwiseError, ValueError) as error:
        _LOG.debug("left out of the report: %s", error)
        return None


def _folder(importance: Importance) -> str:
    """One that tells fields and pairs has two."""
    name = importance.method.lower().replace(" ", "-")
    return name if importance.unit == "field" else f"{name}-{importance.unit}s"


def _some(dataset: Dataset, num_rows: int) -> Dataset:
    """Rows from all over a table, the same ones each time."""
    places = np.linspace(0, len(dataset) - 1, min(num_rows, len(dataset)))
    return dataset.take(np.unique(places.astype(np.intp)))


def _labels(
    dataset: Dataset, num_rows: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return _some(dataset, num_rows).labels[:, 0].astype(np.float64)


def _contributions(
    model: BaselineModel, held_out: Dataset, work: int
) -> FieldContributions:
    gradients = GRADIENT * 2 * len(model.baselines)
    many = int(BUDGET / (gradients * work))
    rows = _some(held_out, min(MAX_EXPLAINED, max(MIN_EXPLAINED, many)))
    return integrated_gradients(model, [rows.batch(slice(None))], seed=0)


def _pairs(model: BaselineModel, held_out: Dataset, fields: list[str]) -> Importance:
    rows = _some(held_out, PAIR_ROWS).batch(slice(None))
    few = model.first(PAIR_BASELINES)
    return pair_differences(few, [rows], fields=fields).importance()


def _cloud(
    ranker: Ranker, held_out: Dataset, pairs: Importance
) -> InteractionCloud | None:
    """Of the fields of the first pairs, as many as can be afforded."""
    ordered = dict.fromkeys(str(name) for pair in pairs.ranked for name in pair)
    for num_fields, num_rows in CLOUDS:
        loss = EmbeddedLoss(ranker.model, held_out, num_rows=num_rows, num_draws=1)
        fields = list(ordered)[:num_fields]
        num_pairs = len(fields) * (len(fields) - 1) // 2
        losses = NUM_MODELS * num_pairs * 4 + 2 * SEARCHED * len(fields)
        if losses * _seconds_of(loss) <= CLOUD_SECONDS:
            cloud = interaction_cloud(loss, fields=fields)
            # Louder fields may overflow a model of exponentials.
            return cloud if np.isfinite([cloud.scores, cloud.added]).all() else None
    _LOG.debug("left out of the report: a cloud, which would take too long")
    return None


def _seconds_of(loss: EmbeddedLoss) -> float:
    factors, spent = np.full(len(loss.names), 1.5), []
    for _ in range(4):
        started = time.perf_counter()
        loss.loss(factors, (0,))
        spent.append(time.perf_counter() - started)
    return min(spent)
