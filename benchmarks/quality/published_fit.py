"""One fit of a published configuration, in a process of its own if need be."""

import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch

from benchmarks.quality.frappe import PUBLISHED, schema_of, with_seed
from benchmarks.quality.study import run
from benchmarks.quality.tables import TABLES
from fieldwise.data.encoded_parts import EncodedParts, encode_parts
from fieldwise.data.parts import divide

__all__ = ["fit", "one_thread"]


def one_thread() -> None:
    """Compute on one thread, beside other processes."""
    torch.set_num_threads(1)


def fit(name: str, seed: int) -> dict[str, Any]:
    """Fit a published configuration to Frappe with a seed; what it reached."""
    published = PUBLISHED[name]
    encoded = _encoded()
    result = run(
        encoded.encoder,
        encoded.datasets,
        published.model,
        published.arguments,
        with_seed(published, seed),
    )
    about = {"commit": _commit(), "threads": torch.get_num_threads()}
    return {"model": name, "seed": seed, **about, **result}


@cache
def _encoded() -> EncodedParts:
    table = TABLES["frappe"]()
    schema = schema_of(table.frame.columns)
    parts = divide(table.frame.lazy(), table.split)
    # Lives as long as the process, whose fits all read it.
    folder = tempfile.mkdtemp(prefix="fieldwise-frappe-")
    return encode_parts(parts, schema, Path(folder))


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
