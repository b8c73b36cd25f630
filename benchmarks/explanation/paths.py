"""How to spend gradients: many rows to compare with, or many points on each path?

Run with ``OMP_NUM_THREADS=1 python -m benchmarks.explanation.paths``. Two pairs of
eight fields are planted, beside single effects; models are trained until they are sure.
Each way to spend 128 gradients a row is compared with 512 rows of 16 points each.
"""

import argparse

import numpy as np
import polars as pl

import fieldwise as fw
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoding import encode_frame
from fieldwise.explanation import (
    BaselineModel,
    FieldContributions,
    draw_baselines,
    integrated_gradients,
)
from fieldwise.ranker import Ranker

WAYS = ((8, 16), (16, 8), (32, 4), (64, 2), (128, 1))
"""Rows to compare with, and points on the path from each of them."""
WHOLE = (512, 16)
NUM_FIELDS, NUM_VALUES, NUM_ROWS, EXPLAINED = 8, 10, 8000, 100
PAIRS = ((2, 3), (4, 6))
RECIPE = {"num_epochs": 15, "learning_rate": 0.01, "batch_size": 256, "patience": 20}
SIZES = {"dnn": (64, 64, 64), "deepfm": (64, 64, 64), "dcnv2": (64, 64), "fm": None}


def main() -> None:
    """Print one line for each model and way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanation.paths")
    parser.add_argument("--models", nargs="+", default=list(SIZES), choices=SIZES)
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    table = make_table()
    print(
        "| model | rows | points | left to hand out | 99 % of the rows below "
        "| off the whole | correlation with it |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for model in options.models:
        sizes = SIZES[model]
        ranker = fw.fit(
            table,
            label="click",
            model=model,
            recipe=RECIPE,
            model_arguments=None if sizes is None else {"hidden_dims": sizes},
        )
        rows = encode_frame(ranker.encoder, table, labelled=False)
        whole = _explained(ranker, rows, *WHOLE, seed=1000)
        size = np.abs(whole.values).sum(axis=1).mean()
        for ways in WAYS:
            found = [
                _explained(ranker, rows, *ways, seed=k) for k in range(options.draws)
            ]
            numbers = np.mean([_errors(one, whole.values) for one in found], axis=0)
            print(
                f"| {model} ({size:.1f}) | {ways[0]} | {ways[1]} | "
                + " | ".join(f"{number:.3f}" for number in numbers)
                + " |",
                flush=True,
            )


def make_table() -> pl.DataFrame:
    """Draw fields with effects of their own and of two pairs; the label is ``click``.

    Returns:
        The table.
    """
    random = np.random.default_rng(0)
    values = random.integers(0, NUM_VALUES, (NUM_ROWS, NUM_FIELDS))
    effects = random.normal(size=(NUM_FIELDS, NUM_VALUES))
    effects *= np.array([1.5, 1.2, 1.0, 0.8, 0.5, 0.3, 0.0, 0.0])[:, None]
    logit = effects[np.arange(NUM_FIELDS), values].sum(axis=1)
    for one, other in PAIRS:
        joint = 1.5 * random.normal(size=(NUM_VALUES, NUM_VALUES))
        logit = logit + joint[values[:, one], values[:, other]]
    columns = {f"f{f}": [f"v{v}" for v in values[:, f]] for f in range(NUM_FIELDS)}
    clicks = random.random(NUM_ROWS) < 1 / (1 + np.exp(-logit))
    return pl.DataFrame(columns | {"click": clicks.astype(int)})


def _explained(
    ranker: Ranker, rows: Dataset, num_baselines: int, num_steps: int, *, seed: int
) -> FieldContributions:
    baselines = draw_baselines(rows, num_baselines=num_baselines, seed=seed)
    model = BaselineModel(ranker.model, ranker.schema, baselines)
    return integrated_gradients(
        model, [rows.batch(slice(0, EXPLAINED))], num_steps=num_steps
    )


def _errors(
    found: FieldContributions, whole: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> tuple[float, float, float, float]:
    gaps = np.abs(found.path_error)
    pairs = zip(found.values, whole, strict=True)
    return (
        float(gaps.mean()),
        float(np.percentile(gaps, 99)),
        float(np.sqrt(((found.values - whole) ** 2).mean())),
        float(np.mean([np.corrcoef(one, other)[0, 1] for one, other in pairs])),
    )


if __name__ == "__main__":
    main()
