"""FuxiCTR from its repository, as its ``run_expid.py`` and Criteo recipe use it."""

import logging
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

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

DATASET = "rows"
NUM_WORKERS = 3  # of its configuration files
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "deepfm": ("DeepFM", "DeepFM/DeepFM_torch", {"hidden_units": list(HIDDEN_DIMS)}),
    "dcnv2": (
        "DCNv2",
        "DCNv2",
        {
            "parallel_dnn_hidden_units": list(HIDDEN_DIMS),
            "num_cross_layers": NUM_CROSS_LAYERS,
        },
    ),
    "autoint": (
        "AutoInt",
        "AutoInt",
        {
            "dnn_hidden_units": list(HIDDEN_DIMS),
            "attention_layers": NUM_ATTENTION_LAYERS,
            "num_heads": NUM_ATTENTION_HEADS,
            "attention_dim": EMBEDDING_DIM,
        },
    ),
    "finalmlp": (
        "FinalMLP",
        "FinalMLP",
        {
            "mlp1_hidden_units": list(FIRST_STREAM_DIMS),
            "mlp2_hidden_units": list(SECOND_STREAM_DIMS),
            "fs_hidden_units": list(GATE_DIMS),
            "num_heads": NUM_FUSION_HEADS,
        },
    ),
}


def encode(task: Task) -> dict[str, Any]:
    """Raw files to its own Parquet files, vocabulary and pickled processor."""
    processor = import_module("fuxictr.datasets.criteo").CustomizedFeatureProcessor
    build_dataset = import_module("fuxictr.preprocess").build_dataset
    logging.disable(logging.WARNING)
    started = time.perf_counter()
    fields = [
        {
            "name": list(NUMERIC),
            "active": True,
            "dtype": "float",
            "type": "categorical",
            "preprocess": "convert_to_bucket",
        },
        {
            "name": list(CATEGORICAL),
            "active": True,
            "dtype": "str",
            "type": "categorical",
        },
    ]
    build_dataset(
        processor(
            feature_cols=fields,
            label_col={"name": LABEL, "dtype": "float"},
            dataset_id=DATASET,
            data_root=task.encoded,
        ),
        train_data=str(task.raw("train")),
        test_data=str(task.raw("test")),
        data_format=task.file_type,
        min_categr_count=1,
    )
    elapsed = time.perf_counter() - started
    parquet = import_module("pyarrow.parquet")
    folder = Path(task.encoded) / DATASET
    train = parquet.read_table(folder / "train.parquet")
    parquet.write_table(train.slice(0, task.small_rows), folder / "train_small.parquet")
    rows = len(train) + parquet.read_metadata(folder / "test.parquet").num_rows
    return {"encode_seconds": elapsed, "encode_rows_s": rows / elapsed}


def train(task: Task) -> dict[str, Any]:
    """One epoch; its checkpoint after the epoch is not timed, validation not run."""
    torch = import_module("torch")
    loaders = import_module("fuxictr.pytorch.dataloaders")
    import_module("fuxictr.pytorch.torch_utils").seed_everything(seed=task.seed)
    logging.disable(logging.WARNING)
    feature_map, model = _model(task)
    folder = Path(task.encoded) / DATASET
    files: dict[str, Any] = {
        "train_data": str(folder / task.part),
        "test_data": str(folder / "test"),
        "batch_size": BATCH_SIZE,
        "num_workers": NUM_WORKERS,
        "data_format": "parquet",
    }

    def rows(stage: str) -> Any:
        return loaders.RankDataLoader(feature_map, stage=stage, **files).make_iterator()

    batches, _ = rows("train")
    times: dict[str, float] = {}

    def end_of_epoch() -> None:
        times["train"] = time.perf_counter() - started
        model.save_weights(model.checkpoint)

    # Its own end of an epoch: evaluate, then save. There are no validation rows here.
    model.eval_step = end_of_epoch
    started = time.perf_counter()
    model.fit(batches, epochs=1)
    num_rows = batches.num_samples
    del batches
    test = rows("test")
    predict_seconds, probabilities = fastest(lambda: model.predict(test))
    labels = test.dataset.darray[:, -1]
    batch = next(iter(test))
    one, many = (
        {name: column[:size] for name, column in batch.items()}
        for size in (1, MANY_ROWS)
    )
    model.eval()
    with torch.inference_mode():
        return {
            "train_rows": num_rows,
            "train_rows_s": num_rows / times["train"],
            "predict_rows_s": len(labels) / predict_seconds,
            "parameters": sum(item.numel() for item in model.parameters()),
            **quality(labels, probabilities),
            **latencies("one", lambda: model(one), calls=300),
            **latencies("many", lambda: model(many), calls=100),
        }


def _model(task: Task) -> tuple[Any, Any]:
    name, folder, arguments = MODELS[task.model]
    sys.path.insert(0, str(Path(task.fuxictr) / "model_zoo" / folder))
    feature_map = import_module("fuxictr.features").FeatureMap(
        DATASET, str(Path(task.encoded) / DATASET)
    )
    feature_map.load(
        str(Path(task.encoded) / DATASET / "feature_map.json"),
        {"embedding_dim": EMBEDDING_DIM},
    )
    saved = Path(task.saved) / "fuxictr"
    (saved / DATASET).mkdir(parents=True, exist_ok=True)
    model = getattr(import_module("src"), name)(
        feature_map,
        model_id=name,
        gpu=-1,
        task="binary_classification",
        optimizer="adam",
        loss="binary_crossentropy",
        metrics=["AUC", "logloss"],
        monitor="AUC",
        learning_rate=LEARNING_RATE,
        embedding_dim=EMBEDDING_DIM,
        verbose=0,
        model_root=str(saved),
        **arguments,
    )
    return feature_map, model


def start(task: Task) -> dict[str, Any]:
    """Import what training needs."""
    modules = (
        *("fuxictr.features", "fuxictr.preprocess", "fuxictr.pytorch.models"),
        "fuxictr.pytorch.dataloaders",
    )
    return {"import_s": seconds(lambda: [import_module(name) for name in modules])}


if __name__ == "__main__":
    answer({"encode": encode, "train": train, "start": start})
