"""The tables that are ranked, each as ``data.csv`` in a folder of its own."""

import subprocess
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.outrank.commands import LABEL
from benchmarks.peers.table import generate

__all__ = ["TABLES", "write_table"]

TABLES = ("generated", "resampled", "needle", "categories")
SEED = 2024
RARE = 10
"""Values of fewer rows than that are taken for others in each copy of a row."""


def write_table(
    kind: str, num_rows: int, folder: Path, *, peer: str, data: Path | None
) -> Path:
    """Write a table; those of the package's generators need its Python."""
    path = folder / "data.csv"
    folder.mkdir(parents=True)
    if kind in ("generated", "resampled"):
        frame = (
            generate(num_rows).frame
            if data is None
            else resampled(pl.read_parquet(data), num_rows)
        )
        # A gap is a value of its own for both.
        frame.write_csv(path, null_value="-")
        return path
    script = Path(__file__).with_name("peer_table.py")
    subprocess.run([peer, str(script), kind, str(num_rows), str(path)], check=True)
    return path


def resampled(rows: pl.DataFrame, num_rows: int, *, seed: int = SEED) -> pl.DataFrame:
    """Rows drawn again from a table of names and counts, ``C...`` and ``I...``.

    The rare values of a row that is drawn for the third time are others than those of
    the first time: there are more of them, as in a longer log.
    """
    random = np.random.default_rng(seed)
    places = random.integers(0, len(rows), num_rows)
    copies = pl.Series("copy", random.integers(0, -(-num_rows // len(rows)), num_rows))
    names = [name for name in rows.columns if name[0] == "C" and name[1:].isdigit()]
    is_rare = rows.select(pl.len().over(name).alias(name) < RARE for name in names)
    spelled = rows.with_columns(pl.format("c{}", name).alias(name) for name in names)
    others = spelled.select(
        pl.when(is_rare[name]).then(pl.col(name)).alias(f"rare {name}")
        for name in names
    )
    drawn = pl.concat([spelled, others], how="horizontal")[places].with_columns(copies)
    return drawn.select(
        LABEL,
        pl.col("^I\\d+$"),
        *(
            pl.coalesce(pl.format("{}.{}", f"rare {name}", "copy"), name).alias(name)
            for name in names
        ),
    )
