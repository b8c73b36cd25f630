"""What a cloud of interactions costs, and what it says of a table.

Run with ``OMP_NUM_THREADS=1 python -m benchmarks.explanation.cloud --table compas``;
``--out FOLDER`` writes the swarm and the halo of the widest pair as SVG.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import numpy as np

import fieldwise as fw
from benchmarks.quality.tables import TABLES
from fieldwise.explanation import (
    EmbeddedLoss,
    cloud_ranks,
    interaction_cloud,
    labelled_rows,
)
from fieldwise.importance.cloud_charts import widest_pairs

MODELS, SHOWN = 200, 8


@final
@dataclass
class CountedLoss:
    """A loss that counts how often it is asked for."""

    inner: EmbeddedLoss
    names: tuple[str, ...] = field(init=False)
    num_draws: int = field(init=False)
    num_losses: int = 0

    def __post_init__(self) -> None:
        self.names, self.num_draws = self.inner.names, self.inner.num_draws

    def loss(
        self,
        factors: np.ndarray[tuple[int], np.dtype[np.float64]],
        shuffled: Sequence[int] = (),
        draw: int = 0,
    ) -> float:
        """Mean loss over the rows."""
        self.num_losses += 1
        return self.inner.loss(factors, shuffled, draw)


def main() -> None:
    """Fit, search, print; draw where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanation.cloud")
    parser.add_argument("--table", default="compas", choices=TABLES)
    parser.add_argument("--model", default="deepfm")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--fields", type=int, default=10, help="the first so many")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    table = TABLES[options.table]()
    ranker = fw.fit(
        table.frame,
        label=table.label,
        ignore=table.ignore,
        split=table.split,
        model=options.model,
        model_arguments={"embedding_dim": 8, "hidden_dims": (32,)},
    )
    rows = labelled_rows(ranker, table.frame)
    loss = CountedLoss(EmbeddedLoss(ranker.model, rows, num_rows=options.rows))
    fields = ranker.schema.names[: options.fields]
    start = time.process_time()
    cloud = interaction_cloud(loss, fields=fields)
    seconds = time.process_time() - start
    each = seconds / loss.num_losses
    whole = MODELS * (1 + loss.num_draws * (len(fields) + len(cloud.names)))
    print(
        f"{options.table}, {options.model}, {options.rows:,} rows, {loss.num_draws} "
        f"shuffles: {len(cloud.names)} pairs, {cloud.scores.size:,} models, "
        f"{loss.num_losses:,} losses, {seconds:.0f} s of processor time, "
        f"{1e3 * each:.2f} ms a loss; {MODELS} models with every pair would be "
        f"{whole:,} losses, {whole * each:.0f} s\n{cloud_ranks(cloud)}"
    )
    found = cloud.importance()
    for name in found.ranked[:SHOWN]:
        place = found.names.index(name)
        low, high, reference = (
            found.details[key][place] for key in ("low", "high", "reference")
        )
        print(f"{' x '.join(name)}: {low:+.4f} to {high:+.4f}, {reference:+.4f}")
    if options.out is not None:
        pair = cloud.names[widest_pairs(cloud)[0]]
        cloud.plot().save(str(options.out / f"cloud-{options.table}.svg"))
        cloud.plot_halo(pair).save(str(options.out / f"halo-{options.table}.svg"))


if __name__ == "__main__":
    main()
