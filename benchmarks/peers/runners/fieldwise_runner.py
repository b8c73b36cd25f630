"""fieldwise through the calls that ``fieldwise.fit`` makes, timed one by one."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from benchmarks.peers.runners.measuring import fastest, latencies, quality, seconds
from benchmarks.peers.settings import (
    BATCH_SIZE,
    CATEGORICAL,
    EMBEDDING_DIM,
    FIRST_STREAM_DIMS,
    GATE_DIMS,
    HIDDEN_DIMS,
    LABEL,
    LEARNING_RATE,
    MANY_ROWS,
    NUM_ATTENTION_HEADS,
    NUM_ATTENTION_LAYERS,
    NUM_CROSS_LAYERS,
    NUM_FUSION_HEADS,
    NUMERIC,
    SECOND_STREAM_DIMS,
)
from benchmarks.peers.task import Task, answer


def _native_products() -> AbstractContextManager[None]:
    from fieldwise.nn.arithmetic import products_by

    return products_by("native")


@dataclass(frozen=True)
class Arithmetic:
    """How a variant computes.

    Args:
        precision: of training and of scoring.
        products: what must be open around both.
    """

    precision: Literal["float32", "bf16"]
    products: Callable[[], AbstractContextManager[None]] = nullcontext


# The one place that says how fieldwise computes.
VARIANTS = {
    # The library for float32 products that fieldwise finds to be the fastest.
    "float32": Arithmetic("float32"),
    # Torch's own, which the peers use.
    "native": Arithmetic("float32", _native_products),
    "bf16": Arithmetic("bf16"),
}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "deepfm": {},
    "dcnv2": {"num_cross_layers": NUM_CROSS_LAYERS},
    "autoint": {
        "num_layers": NUM_ATTENTION_LAYERS,
        "num_heads": NUM_ATTENTION_HEADS,
        # All heads together are as wide as an embedding in every peer.
        "head_dim": EMBEDDING_DIM // NUM_ATTENTION_HEADS,
    },
    "finalmlp": {
        "hidden_dims": FIRST_STREAM_DIMS,
        "second_hidden_dims": SECOND_STREAM_DIMS,
        "gate_hidden_dims": GATE_DIMS,
        "num_heads": NUM_FUSION_HEADS,
    },
}
OWN_NAMES = {"autoint": "autointplus"}
"""What the others call AutoInt has a tower: in the paper, AutoInt+."""


def encode(task: Task) -> dict[str, Any]:
    """Raw files to memory-mapped rows, and the encoder beside them."""
    from fieldwise.data.encoder import Encoder
    from fieldwise.data.encoder_storage import write_encoder
    from fieldwise.data.encoding import encode_to_folder
    from fieldwise.data.kept_hashes import KeptHashes
    from fieldwise.data.readers import read_table
    from fieldwise.schema import CategoricalField, Label, NumericField, Schema

    started = time.perf_counter()
    counts = tuple(NumericField(name, encoding="log_square") for name in NUMERIC)
    names = tuple(CategoricalField(name, min_count=1) for name in CATEGORICAL)
    schema = Schema(counts + names, labels=(Label(LABEL, "binary", positive=1),))
    folder = Path(task.encoded)
    tables = {part: read_table(task.raw(part)) for part in ("train", "test")}
    folder.mkdir(parents=True)
    rows = 0
    with KeptHashes(folder) as hashes:
        encoder = Encoder.fit(tables["train"], schema, hashes=hashes)
        for part, table in tables.items():
            noted = hashes if part == "train" else None
            encoded = encode_to_folder(
                encoder, table, folder / part, labelled=True, hashes=noted
            )
            rows += len(encoded)
    write_encoder(encoder, folder / "encoder")
    elapsed = time.perf_counter() - started
    encode_to_folder(
        encoder,
        tables["train"].head(task.small_rows),
        folder / "train_small",
        labelled=True,
    )
    return {
        "encode_seconds": elapsed,
        "encode_rows_s": rows / elapsed,
        "features": encoder.schema.num_features,
    }


def train(task: Task) -> dict[str, Any]:
    """One epoch; all of ``Trainer.fit`` is timed, its imports are not."""
    import torch

    from fieldwise.data.dataset import Dataset
    from fieldwise.data.encoder_storage import read_encoder
    from fieldwise.data.loader import Loader
    from fieldwise.models import build_model
    from fieldwise.scoring import score_batches
    from fieldwise.training import Trainer, fill_unknown_rows

    _import_training()
    folder = Path(task.encoded)
    encoder = read_encoder(folder / "encoder")
    rows, test = (Dataset.open(folder / part) for part in (task.part, "test"))
    recipe, extra = _recipe(task, len(rows), encoder.schema.num_features)
    arguments = _arguments(task) | extra
    torch.manual_seed(task.seed)
    model = build_model(_own_name(task), encoder.schema, **arguments)
    arithmetic = VARIANTS.get(task.variant, Arithmetic("float32"))
    with arithmetic.products():
        started = time.perf_counter()
        Trainer(recipe, accelerator="cpu", progress=False).fit(model, rows)
        train_seconds = time.perf_counter() - started
    fill_unknown_rows(model, encoder.schema, encoder.counts())

    def logits() -> Any:
        batches = Loader(test, batch_size=BATCH_SIZE).epoch(0)
        with arithmetic.products():
            return score_batches(model, batches, precision=arithmetic.precision)

    predict_seconds, scores = fastest(logits)
    probabilities = torch.from_numpy(scores).sigmoid().numpy()
    one, many = (test.batch(slice(0, size)) for size in (1, MANY_ROWS))
    model.eval()
    is_bf16 = arithmetic.precision == "bf16"
    with torch.inference_mode(), torch.autocast("cpu", enabled=is_bf16):
        result = {
            "train_rows": len(rows),
            "train_rows_s": len(rows) / train_seconds,
            "predict_rows_s": len(test) / predict_seconds,
            "parameters": sum(item.numel() for item in model.parameters()),
            **quality(test.labels[:, 0], probabilities),
            **latencies("one", lambda: model(one), calls=300),
            **latencies("many", lambda: model(many), calls=100),
        }
    if task.variant == "float32":
        _save(task, encoder, model, arguments)
    return result


def _recipe(task: Task, num_rows: int, num_features: int) -> tuple[Any, dict[str, Any]]:
    """How to train, and what the defaults of ``fieldwise.fit`` change in the model."""
    from fieldwise.training import Recipe, default_arguments, default_recipe

    if task.variant == "defaults":
        name = _own_name(task)
        recipe = default_recipe(
            name, num_rows=num_rows, num_features=num_features, num_epochs=1
        )
        return replace(recipe, seed=task.seed), default_arguments(name)
    recipe = Recipe(
        optimizer="lazy_adam",
        learning_rate=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        num_epochs=1,
        seed=task.seed,
        precision=VARIANTS[task.variant].precision,
    )
    return recipe, {}


def _own_name(task: Task) -> str:
    return OWN_NAMES.get(task.model, task.model)


def _arguments(task: Task) -> dict[str, Any]:
    return {
        "embedding_dim": EMBEDDING_DIM,
        "hidden_dims": HIDDEN_DIMS,
        **ARGUMENTS[task.model],
    }


def _save(task: Task, encoder: Any, model: Any, arguments: dict[str, Any]) -> None:
    from fieldwise.calibration import IdentityCalibrator
    from fieldwise.ranker import Ranker

    ranker = Ranker(
        encoder,
        model,
        [IdentityCalibrator()],
        model_name=_own_name(task),
        model_arguments={
            key: list(value) if isinstance(value, tuple) else value
            for key, value in arguments.items()
        },
    )
    ranker.save(Path(task.saved) / f"fieldwise-{task.model}", overwrite=True)


def raw(task: Task) -> dict[str, Any]:
    """From raw rows to probabilities with a saved ranker: a file, one row, many."""
    import polars as pl

    from fieldwise.ranker import Ranker

    started = time.perf_counter()
    ranker = Ranker.load(Path(task.saved) / f"fieldwise-{task.model}")
    load_seconds = time.perf_counter() - started
    path = task.raw("test")
    predict_seconds, scores = fastest(lambda: ranker.predict(path))
    rows = pl.read_parquet(path).head(MANY_ROWS).drop(LABEL)
    row = rows.row(0, named=True)
    return {
        "load_s": load_seconds,
        "raw_rows_s": len(scores) / predict_seconds,
        **latencies("raw_one", lambda: ranker.predict(row), calls=300),
        **latencies("raw_many", lambda: ranker.predict(rows), calls=100),
    }


def start(task: Task) -> dict[str, Any]:
    """Import the package, then what training needs; the command's help."""
    command = [sys.executable, "-m", "fieldwise", "--help"]

    def help_page() -> None:
        subprocess.run(command, check=True, capture_output=True)

    return {
        "package_import_s": seconds(lambda: import_module("fieldwise")),
        "import_s": seconds(_import_training),
        "help_s": fastest(help_page, calls=3)[0],
    }


def _import_training() -> None:
    modules = (
        *("models", "data.encoder", "data.dataset", "data.loader", "scoring"),
        # The trainer imports Lightning when it is called first.
        *("training", "training._precision", "training._run", "training._step"),
    )
    for name in modules:
        import_module(f"fieldwise.{name}")


if __name__ == "__main__":
    answer({"encode": encode, "train": train, "raw": raw, "start": start})
