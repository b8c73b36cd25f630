"""Which recipe is never bad: fits models with candidate recipes on every table.

    python -m benchmarks.quality.study --tables adult,criteo --models lr,dcnv2 \
        --candidates base,l2 --seeds 1 --out study.jsonl

Each table is divided and encoded once. One JSON line a fit; finished lines are not run
again, so the study resumes where it stopped.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.candidates import CANDIDATES
from benchmarks.quality.lightgbm_baseline import run_lightgbm
from benchmarks.quality.tables import TABLES, Table
from fieldwise.calibration import CALIBRATORS, choose_calibrator
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import encode_parts
from fieldwise.data.encoder import Encoder
from fieldwise.data.loader import Loader
from fieldwise.data.parts import Parts, default_split, divide
from fieldwise.metrics import auc, expected_calibration_error, log_loss
from fieldwise.schema import Schema
from fieldwise.scoring import score_batches
from fieldwise.training import Recipe, Trainer, train_in_stages


def prepare(table: Table) -> tuple[Schema, Parts]:
    """Guess the schema and divide the rows as ``fieldwise.fit`` does."""
    frame = table.frame.lazy()
    column = getattr(table.split, "column", None)
    ignore = [*table.ignore, *([column] if column and column != table.time else [])]
    schema = Schema.infer(
        frame, label=table.label, group=table.group, time=table.time, ignore=ignore
    )
    parts = divide(frame, table.split)
    if parts.valid is None:
        parts = replace(divide(parts.train, default_split(schema)), test=parts.test)
    return schema, parts


def run(
    encoder: Encoder,
    encoded: Mapping[str, Dataset],
    model: str,
    arguments: Mapping[str, Any],
    recipe: Recipe,
) -> dict[str, float]:
    """Fit one model; metrics of the test rows, raw and by each calibrator."""
    started = time.perf_counter()
    trained = train_in_stages(
        model,
        encoded,
        arguments,
        Trainer(recipe, progress=False),
        counts=encoder.counts(),
    )
    seconds = time.perf_counter() - started
    network, history = trained.model, trained.history

    def logits(name: str) -> np.ndarray[Any, Any]:
        return score_batches(network, Loader(encoded[name], batch_size=8192).epoch(0))

    held_out, test = logits("valid"), logits("test")
    labels = encoded["test"].labels[:, 0].astype(float)
    valid_labels = encoded["valid"].labels[:, 0].astype(float)
    result = {
        "auc": auc(labels, test),
        "valid_auc": auc(valid_labels, held_out),
        "epochs": len(history.epochs),
        "best_epoch": history.best_epoch,
        "seconds": seconds,
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }
    for name, kind in CALIBRATORS.items():
        values = kind().fit(held_out, valid_labels).transform(test)
        result[f"log_loss_{name}"] = log_loss(labels, values)
        result[f"ece_{name}"] = expected_calibration_error(labels, values)
        result[f"auc_{name}"] = auc(labels, values)
    chosen = choose_calibrator(held_out, valid_labels)
    values = chosen.transform(test)
    result["log_loss_auto"] = log_loss(labels, values)
    result["ece_auto"] = expected_calibration_error(labels, values)
    result["auto"] = chosen.name
    return result


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--models", default="lr,dcnv2")
    parser.add_argument("--candidates", default=next(iter(CANDIDATES)))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--lightgbm", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("study.jsonl"))
    options = parser.parse_args()
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    done = {tuple(json.loads(line)["key"]) for line in lines}
    for table in options.tables.split(","):
        jobs = [job for job in _jobs(options) if (table, *job) not in done]
        if not jobs:
            continue
        schema, parts = prepare(TABLES[table]())
        with tempfile.TemporaryDirectory() as folder:
            prepared = encode_parts(parts, schema, Path(folder))
            encoder, encoded = prepared.encoder, prepared.datasets
            for model, candidate, seed in jobs:
                if model.startswith("lightgbm"):
                    result = run_lightgbm(
                        parts,
                        encoder.schema,
                        categories=model.endswith("categories"),
                        seed=seed,
                    )
                else:
                    recipe, arguments = CANDIDATES[candidate](
                        model, len(encoded["train"]), encoder.schema.num_features
                    )
                    recipe = replace(recipe, seed=seed)
                    result = run(encoder, encoded, model, arguments, recipe)
                line = {"key": [table, model, candidate, seed], **result}
                with options.out.open("a") as file:
                    file.write(json.dumps(line) + "\n")
                print(json.dumps(line), flush=True)


def _jobs(options: argparse.Namespace) -> Iterator[tuple[str, str, int]]:
    if options.lightgbm:
        yield from [("lightgbm_codes", "", 0), ("lightgbm_categories", "", 0)]
    for model in filter(None, options.models.split(",")):
        for candidate in options.candidates.split(","):
            for seed in range(options.seeds):
                yield model, candidate, seed


if __name__ == "__main__":
    main()
