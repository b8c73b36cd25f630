"""What float16 and int8 embeddings cost, in AUC and log loss."""

import tempfile
from pathlib import Path

import fieldwise as fw
from benchmarks.export.rows import criteo, frappe
from fieldwise.serving.export import export_ranker

NUM_TRAIN = 60_000
NUM_TEST = 20_000


def print_rounding(data: Path) -> None:
    """One line per table and type, of DCNv2 with its defaults."""
    print("\n| table | embeddings | MB | AUC | log loss | probability moves by |")
    print("|---|---|---|---|---|---|")
    for make in (frappe, criteo):
        table = make(data, num_train=NUM_TRAIN, num_test=NUM_TEST)
        schema = fw.Schema.infer(table.train, label="label", overrides=table.overrides)
        ranker = fw.fit(table.train, schema=schema, progress=False)
        for embeddings in ("float32", "float16", "int8"):
            with tempfile.TemporaryDirectory() as folder:
                found = export_ranker(
                    ranker,
                    Path(folder) / "model.onnx",
                    rows=table.test,
                    embeddings=embeddings,
                )
            metrics = found.metrics
            after = metrics[1] if metrics else ranker.evaluate(table.test)
            moved = found.rounding.max_difference if found.rounding else 0.0
            print(
                f"| {table.name} | {embeddings} | {found.num_bytes / 1e6:.2f} "
                f"| {after['auc']:.6f} | {after['log_loss']:.6f} | {moved:.1e} |",
                flush=True,
            )
