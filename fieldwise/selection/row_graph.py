"""Which rows are neighbours: within small batches, or where random hashes agree.

Source: Rustamov, Zaitouny, Zaki, "Scalable Graph Attention-based Instance Selection via
Mini-Batch Sampling and Hierarchical Hashing", AI Open 2025,
https://arxiv.org/abs/2502.20293, and for the hashes Charikar, "Similarity Estimation
Techniques from Rounding Algorithms", STOC 2002 (signs of random projections).
Differences from the paper: only its abstract was at hand: the sizes are our own. Edges
go to the nearest ten rows, not to those above a threshold, so that no row of a batch is
alone. Several views of the columns are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["RowGraph", "hashing_graph", "mini_batch_graphs"]

NUM_NEIGHBORS = 10
BATCH_ROWS = 512
"""Rows of a batch, about; all its distances are computed."""

LEVEL_BITS = (4, 8, 12)
"""Bits of the hashes, from coarse to fine."""

TABLES = 4
"""Hashes of each level."""

BUCKET_ROWS = 256
"""Rows of one hash that are compared with each other; more are divided at random."""

Places = NDArray[np.int64]
Vectors = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class RowGraph:
    """Some rows, and which of them are neighbours.

    Edges go in both directions, and from each node to itself; each is there once.

    Args:
        rows: number of the row that each node is, ``(node,)``.
        sources: place of the node that each edge comes from, ``(edge,)``.
        targets: place of the node that it goes to, ``(edge,)``.
    """

    rows: Places
    sources: Places
    targets: Places

    @classmethod
    def of(cls, rows: Places, one: Places, other: Places) -> "RowGraph":
        """Add the other direction of edges, and edges from each node to itself.

        Args:
            rows: number of the row that each node is, ``(node,)``.
            one: place of one end of each edge, ``(edge,)``.
            other: place of its other end, ``(edge,)``.

        Returns:
            The graph.
        """
        loops = np.arange(len(rows))
        sources = np.concatenate([one, other, loops])
        targets = np.concatenate([other, one, loops])
        edges = np.unique(targets * len(rows) + sources)
        return cls(rows, edges % len(rows), edges // len(rows))

    def num_neighbors(self) -> Places:
        """Neighbours of each node but itself, ``(node,)``."""
        return np.bincount(self.targets, minlength=len(self.rows)) - 1


def mini_batch_graphs(
    vectors: Vectors, classes: Places, *, random: np.random.Generator
) -> list[RowGraph]:
    """Divide rows into batches, and join each row to the nearest ones of its batch.

    Args:
        vectors: of the rows, ``(row, dim)``.
        classes: of the rows, from 0 on, ``(row,)``; each batch has its share of each.
        random: draws the batches.

    Returns:
        One graph per batch; each row is in one of them.
    """
    places = np.empty(len(vectors))
    for number in range(int(classes.max(initial=-1)) + 1):
        members = random.permutation(np.flatnonzero(classes == number))
        # Spread evenly over [0, 1): each stretch of it has its share of the class.
        shift = random.random()
        places[members] = (np.arange(len(members)) + shift) / max(1, len(members))
    order = np.argsort(places, kind="stable")
    num_batches = max(1, round(len(vectors) / BATCH_ROWS))
    graphs = []
    for rows in np.array_split(order, num_batches):
        one, other, _ = _nearest(vectors[rows])
        graphs.append(RowGraph.of(rows, one, other))
    return graphs


def hashing_graph(vectors: Vectors, *, random: np.random.Generator) -> RowGraph:
    """Join rows whose hashes agree, the nearest ones and on many levels first.

    Args:
        vectors: of the rows, ``(row, dim)``.
        random: draws the hashes.

    Returns:
        One graph of all rows. A row that no other one shares a hash with is alone.
    """
    num_rows = len(vectors)
    centred = vectors - vectors.mean(axis=0)
    keys, distances, levels = [], [], []
    for level, num_bits in enumerate(LEVEL_BITS):
        for _ in range(TABLES):
            for rows in _buckets(centred, num_bits, random):
                one, other, squares = _nearest(vectors[rows])
                low = np.minimum(rows[one], rows[other])
                keys.append(low * num_rows + np.maximum(rows[one], rows[other]))
                distances.append(squares)
                levels.append(np.full(len(one), level))
    if not keys:
        nothing = np.empty(0, dtype=np.int64)
        return RowGraph.of(np.arange(num_rows), nothing, nothing)
    found, first = np.unique(np.concatenate(keys), return_index=True)
    squares = np.concatenate(distances)[first]
    hits = _levels_hit(np.concatenate(keys), np.concatenate(levels), found)
    scale = max(float(np.median(squares)), np.finfo(np.float64).tiny)
    weights = np.exp(-squares / scale) * hits / len(LEVEL_BITS)
    one, other = found // num_rows, found % num_rows
    best = _best_of_each(one, other, weights, num_rows)
    return RowGraph.of(np.arange(num_rows), one[best], other[best])


def _buckets(
    centred: Vectors, num_bits: int, random: np.random.Generator
) -> Iterator[Places]:
    """Rows with one hash, at most so many at a time."""
    planes = random.normal(size=(centred.shape[1], num_bits))
    codes = (centred @ planes > 0) @ (1 << np.arange(num_bits))
    order = np.lexsort((random.random(len(codes)), codes))
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for rows in np.split(order, starts[1:]):
        num_parts = -(-len(rows) // BUCKET_ROWS)
        yield from (part for part in np.array_split(rows, num_parts) if len(part) > 1)


def _nearest(vectors: Vectors) -> tuple[Places, Places, NDArray[np.float64]]:
    """Each row, each of its nearest ones, and their squared distance."""
    num_rows = len(vectors)
    k = min(NUM_NEIGHBORS, num_rows - 1)
    if k < 1:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, np.empty(0)
    lengths = (vectors**2).sum(axis=1)
    squares = lengths[:, None] + lengths - 2 * vectors @ vectors.T
    np.fill_diagonal(squares, np.inf)
    nearest = np.argpartition(squares, k - 1, axis=1)[:, :k]
    one = np.repeat(np.arange(num_rows), k)
    other = nearest.ravel()
    return one, other, np.maximum(squares[one, other], 0.0)


def _levels_hit(keys: Places, levels: Places, found: Places) -> Places:
    """On how many levels each pair of rows was seen, ``(pair,)``."""
    both = np.unique(keys * len(LEVEL_BITS) + levels) // len(LEVEL_BITS)
    return np.bincount(np.searchsorted(found, both), minlength=len(found))


def _best_of_each(
    one: Places, other: Places, weights: NDArray[np.float64], num_rows: int
) -> Places:
    """Pairs that are among the heaviest ones of one of their two rows."""
    rows = np.concatenate([one, other])
    pairs = np.tile(np.arange(len(one)), 2)
    order = np.lexsort((-weights[pairs], rows))
    counts = np.bincount(rows, minlength=num_rows)
    ranks = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.unique(pairs[order][ranks < NUM_NEIGHBORS])
