"""DeepCTR-Torch through its ``compile``, ``fit`` and ``predict``."""

import time
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers.runners.label_encoded import num_codes, read_encoded
from benchmarks.peers.runners.measuring import fastest, latencies, quality, seconds
from benchmarks.peers.settings import (
    BATCH_SIZE,
    EMBEDDING_DIM,
    FIELDS,
    HIDDEN_DIMS,
    MANY_ROWS,
    NUM_ATTENTION_HEADS,
    NUM_ATTENTION_LAYERS,
    NUM_CROSS_LAYERS,
)
from benchmarks.peers.task import Task, answer

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "deepfm": ("DeepFM", {}),
    "dcnv2": (
        "DCN",
        {"cross_num": NUM_CROSS_LAYERS, "cross_parameterization": "matrix"},
    ),
    "autoint": (
        "AutoInt",
        {"att_layer_num": NUM_ATTENTION_LAYERS, "att_head_num": NUM_ATTENTION_HEADS},
    ),
}


def train(task: Task) -> dict[str, Any]:
    """One epoch; all of ``fit`` is timed."""
    torch = import_module("torch")
    sparse = import_module("deepctr_torch.inputs").SparseFeat
    models = import_module("deepctr_torch.models")
    fields = [
        sparse(name, vocabulary_size=size, embedding_dim=EMBEDDING_DIM)
        for name, size in num_codes(task).items()
    ]
    name, arguments = MODELS[task.model]
    model = getattr(models, name)(
        fields,
        fields,
        dnn_hidden_units=HIDDEN_DIMS,
        seed=task.seed,
        device="cpu",
        **arguments,
    )
    # Its "adam" is Adam at 1e-3, as everywhere here.
    model.compile("adam", "binary_crossentropy", metrics=[])
    columns, labels = read_encoded(task, task.part)
    started = time.perf_counter()
    model.fit(columns, labels, batch_size=BATCH_SIZE, epochs=1, verbose=0)
    train_seconds = time.perf_counter() - started
    num_rows = len(labels)
    del columns
    test, test_labels = read_encoded(task, "test")
    predict_seconds, probabilities = fastest(lambda: model.predict(test, BATCH_SIZE))
    rows = np.column_stack([test[name][:MANY_ROWS] for name in FIELDS])
    many = torch.from_numpy(rows).float()
    one = many[:1]
    model.eval()
    with torch.inference_mode():
        return {
            "train_rows": num_rows,
            "train_rows_s": num_rows / train_seconds,
            "predict_rows_s": len(test_labels) / predict_seconds,
            "parameters": sum(item.numel() for item in model.parameters()),
            **quality(test_labels, probabilities),
            **latencies("one", lambda: model(one), calls=300),
            **latencies("many", lambda: model(many), calls=100),
        }


def start(task: Task) -> dict[str, Any]:
    """Import what training needs."""
    return {"import_s": seconds(lambda: import_module("deepctr_torch.models"))}


if __name__ == "__main__":
    answer({"train": train, "start": start})
