"""How many values a model needs: ``python -m benchmarks.selection.optfs``.

For each table and penalty, a search by OptFS keeps some values; the model is trained
again with those alone, from the weights early in the search and from scratch. Printed
beside the full model: values kept, test AUC, its difference, seconds.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.quality.study import prepare
from benchmarks.quality.tables import TABLES
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import encode_parts
from fieldwise.data.loader import Loader
from fieldwise.metrics import auc
from fieldwise.models import build_model
from fieldwise.scoring import score_batches
from fieldwise.selection import RankingData
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.optfs import fit_kept_values, search_values
from fieldwise.training import Trainer, default_recipe

BACKBONE = Backbone(arguments={"dropout": 0.2})
HEADS = ("table", "seed", "penalty", "start", "kept", "AUC", "difference", "seconds")


def main() -> None:
    """Print a row for each fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", default="frappe")
    parser.add_argument("--penalties", default="0.01,0.1,1")
    parser.add_argument("--epochs", type=int, default=5, help="of the search")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    print(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}")
    for table in options.tables.split(","):
        schema, parts = prepare(TABLES[table]())
        with tempfile.TemporaryDirectory() as folder:
            datasets = encode_parts(parts, schema, Path(folder)).datasets
            for seed in range(options.seeds):
                for cells in _rows(datasets, options, seed):
                    print(f"| {' | '.join([table, str(seed), *cells])} |", flush=True)


def _rows(
    datasets: dict[str, Dataset], options: argparse.Namespace, seed: int
) -> Iterator[list[str]]:
    data, test = RankingData.of(datasets, seed=seed), datasets["test"]
    started = time.perf_counter()
    full = _test_auc(_full_model(data, seed), test)
    seconds = time.perf_counter() - started
    yield ["", "full", "100 %", f"{full:.5f}", "", f"{seconds:.0f}"]
    for penalty in map(float, options.penalties.split(",")):
        started = time.perf_counter()
        settings: dict[str, Any] = {"seed": seed, "backbone": BACKBONE}
        found = search_values(
            data, penalty=penalty, num_epochs=options.epochs, **settings
        )
        searched = time.perf_counter() - started
        for start in ("rewind", "scratch"):
            started = time.perf_counter()
            model, _ = fit_kept_values(found, data, start=start, **settings)
            reached = _test_auc(model, found.kept.dataset(test))
            seconds = searched + time.perf_counter() - started
            yield [
                f"{penalty:g}",
                start,
                f"{found.kept.share:.1%}",
                f"{reached:.5f}",
                f"{reached - full:+.5f}",
                f"{seconds:.0f}",
            ]


def _full_model(data: RankingData, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    model = build_model(BACKBONE.model, data.schema, **BACKBONE.all_arguments())
    recipe = default_recipe(
        BACKBONE.model,
        num_rows=len(data.train),
        num_features=data.schema.num_features,
    )
    trainer = Trainer(replace(recipe, seed=seed), progress=False)
    trainer.fit(model, data.train, data.stop)
    return model


def _test_auc(model: nn.Module, test: Dataset) -> float:
    logits = score_batches(model, Loader(test, batch_size=8192).epoch(0))
    return auc(test.labels[:, 0].astype(float), logits, weights=test.weights)


if __name__ == "__main__":
    main()
