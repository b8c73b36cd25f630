"""Who finds planted interactions: ``python -m benchmarks.planted --seeds 3``.

Trains every model on generated tables whose interactions are known and prints the AUC
on held-out rows, mean ± standard deviation over seeds, beside that of the true logits.
For PD it also prints how many seeds put the two true fields first.
"""

import argparse
from typing import Any

import numpy as np
import torch

from benchmarks.planted.finding import measure_auc, permuted_drops, train
from benchmarks.planted.sets import SETS, Planted
from fieldwise.metrics import auc
from fieldwise.models import MODELS, build_model
from fieldwise.training import Recipe, default_arguments


def main() -> None:
    """Print one row a model, one column a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    names = options.sets.split(",")
    planted = {
        name: [SETS[name](seed=seed) for seed in range(options.seeds)] for name in names
    }
    print(f"| model | {' | '.join(names)} |")
    print(f"|---|{'---|' * len(names)}")
    print(f"| (true logits) | {' | '.join(_best(planted[n]) for n in names)} |")
    for model in options.models.split(","):
        cells = [_cell(model, n, planted[n], options.epochs) for n in names]
        print(f"| {model} | {' | '.join(cells)} |", flush=True)


def _best(sets: list[Planted]) -> str:
    scores = [auc(_labels(item), item.logits) for item in sets]
    return f"{np.mean(scores):.4f}"


def _labels(planted: Planted) -> np.ndarray[Any, Any]:
    return planted.test.labels[:, 0].astype(float)


def _cell(model: str, name: str, sets: list[Planted], num_epochs: int) -> str:
    scores, found = [], 0
    for seed, planted in enumerate(sets):
        torch.manual_seed(seed)
        network = build_model(model, planted.train.schema, **default_arguments(model))
        recipe = Recipe(
            learning_rate=3e-3, batch_size=1024, num_epochs=num_epochs, seed=seed
        )
        train(network, planted.train, recipe)
        scores.append(measure_auc(network, planted.test))
        if name == "PD":
            first = np.argsort(-permuted_drops(network, planted))[:2]
            found += set(first.tolist()) == set(planted.fields)
    spread = np.std(scores, ddof=1) if len(scores) > 1 else 0.0
    text = f"{np.mean(scores):.4f} ± {spread:.4f}"
    return f"{text} ({found}/{len(sets)})" if name == "PD" else text


if __name__ == "__main__":
    main()
