"""Vocabularies of a million values: size of the file, time to load and to score."""

import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
import polars as pl
import torch

from benchmarks.export.measuring import latency
from fieldwise.calibration import IdentityCalibrator
from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.models import build_model
from fieldwise.ranker import Ranker
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.serving.export import export_ranker

SIZES = {"page": 1_000_000, "user": 1_000_000, "site": 1000}
EMBEDDING_DIM = 16


def print_million() -> None:
    """One line per type of the embeddings."""
    encoder = _encoder()
    torch.manual_seed(0)
    model = build_model("dcnv2", encoder.schema, embedding_dim=EMBEDDING_DIM)
    torch.nn.init.normal_(model.embedding.table, std=0.1)
    ranker = Ranker(
        encoder, model, [IdentityCalibrator()], model_name="dcnv2", model_arguments={}
    )
    rows = _rows()
    print(
        "\n| embeddings | MB | load s | of processor | 1 row ms | 1000 rows ms |",
        end="",
    )
    print(" max difference |\n|---|---|---|---|---|---|---|")
    for embeddings in ("float32", "float16", "int8"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.onnx"
            found = export_ranker(ranker, file, rows=rows, embeddings=embeddings)
            started = time.process_time()
            onnxruntime.InferenceSession(file)
            busy = time.process_time() - started
            times = latency(ranker, rows, file)
        print(
            f"| {embeddings} | {found.num_bytes / 1e6:.1f} | {found.load_seconds:.2f} "
            f"| {busy:.2f} | {times.one_row:.2f} | {times.thousand_rows:.2f} "
            f"| {found.verification.max_difference:.1e} |",
            flush=True,
        )


def _pages(size: int) -> pl.Series:
    numbers = pl.Series("n", np.arange(size))
    return pl.select(pl.format("https://example.org/pages/{}", numbers)).to_series()


def _users(size: int) -> pl.Series:
    return pl.Series(np.arange(size, dtype=np.int64) * 2**43 + 2**61)


def _encoder() -> Encoder:
    makers = {"page": _pages, "user": _users, "site": _pages}
    vocabularies = {}
    for name, size in SIZES.items():
        values = makers[name](size)
        counts = pl.Series(np.ones(size, dtype=np.int64))
        kind = "int" if name == "user" else "string"
        vocabularies[name] = Vocabulary(values, counts, kind)
    fields = tuple(
        CategoricalField(
            name, num_features=item.num_features, value_type=item.value_type
        )
        for name, item in vocabularies.items()
    )
    return Encoder(
        Schema(fields, (Label("click", "binary", positive=1),)), vocabularies
    )


def _rows() -> pl.DataFrame:
    generator = np.random.default_rng(0)
    places = {name: generator.integers(0, size, 2000) for name, size in SIZES.items()}
    return pl.DataFrame(
        {
            "page": _pages(SIZES["page"] + 1000).gather(places["page"] + 500),
            "user": _users(SIZES["user"] + 1000).gather(places["user"] + 500),
            "site": _pages(SIZES["site"]).gather(places["site"]),
        }
    )
