"""The rankers that are measured, and what they are asked."""

import json
from pathlib import Path

from benchmarks.prediction.log import draw_rows, make_ranker
from fieldwise.cli.flights import LABEL, read_flights
from fieldwise.fitting import fit
from fieldwise.ranker import Ranker
from fieldwise.training import Recipe

__all__ = ["RANKERS", "make", "predict_bodies", "rank_bodies"]

RANKERS = ("flights", "million")
"""DCNv2 on the fields of the demo, and on 39 fields with a million features."""

NUM_BODIES = 200
SHARED = {"flights": 12, "million": 26}
"""Fields that belong to the context of a ranking; the others are the candidates'."""


def make(name: str, folder: Path) -> None:
    """Save a ranker.

    Args:
        name: one of ``RANKERS``.
        folder: where to.
    """
    if name == "million":
        make_ranker("dcnv2", folder)
        return
    recipe = Recipe(num_epochs=1)
    flights = read_flights(20_000)
    fit(flights, label=LABEL, model="dcnv2", recipe=recipe, progress=False).save(folder)


def _rows(
    name: str, ranker: Ranker, num_rows: int, seed: int
) -> list[dict[str, object]]:
    if name == "million":
        frame = draw_rows(num_rows, seed=seed)
    else:
        frame = read_flights(10 * num_rows).sample(num_rows, seed=seed)
    rows = frame.select(ranker.schema.names).to_dicts()
    return [json.loads(json.dumps(row, default=str)) for row in rows]


def predict_bodies(name: str, ranker: Ranker) -> list[bytes]:
    """Requests of one row each, all of them different.

    Args:
        name: one of ``RANKERS``.
        ranker: of this name.

    Returns:
        Bodies.
    """
    rows = _rows(name, ranker, NUM_BODIES, seed=3)
    return [json.dumps({"rows": [row]}).encode() for row in rows]


def rank_bodies(name: str, ranker: Ranker, num_candidates: int) -> list[bytes]:
    """Requests to rank, each of another context and other candidates.

    Args:
        name: one of ``RANKERS``.
        ranker: of this name.
        num_candidates: of each request.

    Returns:
        Bodies.
    """
    shared = ranker.schema.names[: SHARED[name]]
    bodies = []
    for seed in range(10):
        rows = _rows(name, ranker, num_candidates, seed=seed)
        context = {field: rows[0][field] for field in shared}
        own = [{k: v for k, v in row.items() if k not in shared} for row in rows]
        body = {"context": context, "candidates": own, "top": 10}
        bodies.append(json.dumps(body).encode())
    return bodies
