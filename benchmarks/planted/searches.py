"""What OptInter chooses for planted pairs: ``python -m benchmarks.planted.searches``.

The first two fields have a table without structure (to memorize), the next two a
product of codes with too many values to memorize (to factorize), the others are noise.
Prints for each seed the treatment of the two pairs and their probabilities, the
treatments of the other pairs and their mean probability of being left out, and the AUC
of OptInter beside that of DNN on the rows that also stopped both of them.
"""

import argparse
from collections import Counter

import numpy as np
import torch

from benchmarks.planted.finding import measure_auc
from benchmarks.planted.sets import treatments
from fieldwise.importance import Importance
from fieldwise.metrics import auc
from fieldwise.training import Recipe, Trainer, train_in_stages

ARGUMENTS = {"embedding_dim": 8, "hidden_dims": (64, 32), "dropout": 0.2}
MEMORIZE, FACTORIZE = ("field0", "field1"), ("field2", "field3")


def main() -> None:
    """Print one row a seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    print("| seed | to memorize | to factorize | noise | OptInter | DNN | (true) |")
    print("|---|---|---|---|---|---|---|")
    for seed in range(options.seeds):
        print(_row(seed, options.rows, options.epochs), flush=True)


def _row(seed: int, num_rows: int, num_epochs: int) -> str:
    planted = treatments(num_rows, seed=seed)
    recipe = Recipe(
        learning_rate=5e-3,
        batch_size=512,
        num_epochs=num_epochs,
        patience=4,
        seed=seed,
    )
    scores = {}
    for name in ("dnn", "optinter"):
        trained = train_in_stages(
            name,
            {"train": planted.train, "valid": planted.test},
            ARGUMENTS,
            Trainer(recipe, accelerator="cpu", progress=False),
            counts=np.ones(planted.train.schema.num_features, dtype=np.int64),
        )
        scores[name] = measure_auc(trained.model, planted.test)
    importance, selection = trained.found.importance, trained.found.selection
    assert importance is not None
    assert selection is not None
    choices = {n: selection.choices.get(n, "naive") for n in importance.names}
    others = [n for n in importance.names if n not in (MEMORIZE, FACTORIZE)]
    noise = Counter(choices[n] for n in others)
    naive = [1 - importance.scores[importance.names.index(n)] for n in others]
    cells = [
        *(f"{choices[n]} ({_shares(importance, n)})" for n in (MEMORIZE, FACTORIZE)),
        ", ".join(f"{count} {choice}" for choice, count in noise.most_common())
        + f" (naive {np.mean(naive):.2f})",
        f"{scores['optinter']:.4f}",
        f"{scores['dnn']:.4f}",
        f"{auc(planted.test.labels[:, 0].astype(float), planted.logits):.4f}",
    ]
    return f"| {seed} | {' | '.join(cells)} |"


def _shares(importance: Importance, name: tuple[str, str]) -> str:
    place = importance.names.index(name)
    columns = ("memorize", "factorize", "naive")
    return " / ".join(f"{importance.details[c][place]:.2f}" for c in columns)


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
