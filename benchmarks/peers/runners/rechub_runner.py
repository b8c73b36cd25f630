"""torch-rechub through its ``DataGenerator`` and ``CTRTrainer``."""

import time
from importlib import import_module
from typing import Any

from benchmarks.peers.runners.label_encoded import num_codes, read_encoded
from benchmarks.peers.runners.measuring import fastest, latencies, quality, seconds
from benchmarks.peers.settings import (
    BATCH_SIZE,
    EMBEDDING_DIM,
    HIDDEN_DIMS,
    MANY_ROWS,
    NUM_ATTENTION_HEADS,
    NUM_ATTENTION_LAYERS,
    NUM_CROSS_LAYERS,
)
from benchmarks.peers.task import Task, answer

TOWER = {"dims": list(HIDDEN_DIMS), "dropout": 0.0, "activation": "relu"}


def train(task: Task) -> dict[str, Any]:
    """One epoch of its trainer."""
    torch = import_module("torch")
    trainers = import_module("torch_rechub.trainers")
    generator = import_module("torch_rechub.utils.data").DataGenerator
    torch.manual_seed(task.seed)
    trainer = trainers.CTRTrainer(
        _model(task), n_epoch=1, device="cpu", model_path=task.saved
    )
    columns, labels = read_encoded(task, task.part)
    test, test_labels = read_encoded(task, "test")
    batches, _, test_batches = generator(columns, labels).generate_dataloader(
        x_val=test,
        y_val=test_labels,
        x_test=test,
        y_test=test_labels,
        batch_size=BATCH_SIZE,
    )
    started = time.perf_counter()
    trainer.train_one_epoch(batches)
    train_seconds = time.perf_counter() - started
    model = trainer.model
    predict_seconds, probabilities = fastest(
        lambda: trainer.predict(model, test_batches)
    )
    batch, _ = next(iter(test_batches))
    one, many = (
        {name: column[:size] for name, column in batch.items()}
        for size in (1, MANY_ROWS)
    )
    model.eval()
    with torch.inference_mode():
        return {
            "train_rows": len(labels),
            "train_rows_s": len(labels) / train_seconds,
            "predict_rows_s": len(test_labels) / predict_seconds,
            "parameters": sum(item.numel() for item in model.parameters()),
            **quality(test_labels, probabilities),
            **latencies("one", lambda: model(one), calls=300),
            **latencies("many", lambda: model(many), calls=100),
        }


def _model(task: Task) -> Any:
    models = import_module("torch_rechub.models.ranking")
    sparse = import_module("torch_rechub.basic.features").SparseFeature
    fields = [
        sparse(name, vocab_size=size, embed_dim=EMBEDDING_DIM)
        for name, size in num_codes(task).items()
    ]
    if task.model == "deepfm":
        return models.DeepFM(fields, fields, mlp_params=TOWER)
    if task.model == "dcnv2":
        # Full matrices, as in every library here; its default is a low-rank mixture.
        return models.DCNv2(
            fields,
            n_cross_layers=NUM_CROSS_LAYERS,
            mlp_params=TOWER,
            use_low_rank_mixture=False,
        )
    return models.AutoInt(
        fields,
        [],
        num_layers=NUM_ATTENTION_LAYERS,
        num_heads=NUM_ATTENTION_HEADS,
        mlp_params=TOWER,
    )


def start(task: Task) -> dict[str, Any]:
    """Import what training needs."""
    modules = ("torch_rechub.models.ranking", "torch_rechub.trainers")
    return {"import_s": seconds(lambda: [import_module(name) for name in modules])}


if __name__ == "__main__":
    answer({"train": train, "start": start})
