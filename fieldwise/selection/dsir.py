r"""Rows of a large table that look like those of a small one, drawn, not just sorted.

Source: Xie, Santurkar, Ma, Liang, "Data Selection for Language Models via Importance
Resampling", NeurIPS 2023, https://arxiv.org/abs/2302.03169, section 3 (hashed bags of
n-grams), and its package ``data-selection``.
Differences from the paper: tokens are values of fields in place of words, and values of
named pairs of fields in place of all bigrams. (With all 91 pairs of the correlated
fields of the Adult table the weights were those of a handful of rows, and what was
drawn was farther from the target than chance.) The target shares are smoothed towards
those of all rows, not towards equal shares, which would favour rare values that the
target does not have. The noise is kept, so that fewer rows are among more. Nothing is
dropped for its length. Rows are gone through twice, to count and to weigh, since their
buckets are not kept.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_non_negative, check_positive
from fieldwise.data.dataset import Dataset
from fieldwise.data.selected_rows import rows_of
from fieldwise.errors import DataError
from fieldwise.importance import Importance, RowNames, Selection
from fieldwise.selection.hashed_tokens import HashedTokens
from fieldwise.selection.target_rows import check_target

__all__ = [
    "effective_rows",
    "kl_reduction",
    "log_ratios",
    "rank_by_dsir",
    "top_of_each",
]

FLOOR = 1e-8
"""Added to a share before its logarithm; unseen buckets weigh about -18 by it."""


def rank_by_dsir(
    rows: Dataset,
    target: Dataset,
    *,
    seed: int = 0,
    pairs: Sequence[tuple[str, str]] = (),
    num_buckets: int = 10_000,
    smoothing: float = 10.0,
    temperature: float = 1.0,
) -> Importance:
    r"""Draw an order of rows in which those like the target tend to come first.

    $$s_i = \frac{1}{\tau} \sum_j z_{ij} \ln \frac{p_j}{q_j} + g_i$$

    $z_{ij}$ counts the tokens of row $i$ in bucket $j$, $p$ and $q$ are the shares of
    buckets in the target and in all rows, $g_i$ is Gumbel noise. The first k are then
    drawn without replacement in proportion to their importance weights, and those of a
    smaller k are among those of a larger one. No label is read.

    Values are taken to be independent, so correlated fields count twice and weights are
    extreme: see ``effective_rows``. A pair of fields tells of a target whose values are
    those of all rows in other combinations; with many pairs, divide by as many as read
    a field. A field with about as many values as rows says nothing about the target but
    makes noise: leave it out with ``view_fields``.

    Args:
        rows: what is chosen from, any number; read in blocks.
        target: rows of the same encoder; labels are not needed.
        seed: of the noise; the weights do not depend on it.
        pairs: names of two fields each that are read together, no sequences.
        num_buckets: of the hash.
        smoothing: rows with the shares of all rows that the target is taken to have had
            beside its own; 0 for none, as in the paper.
        temperature: what log-weights are divided by; above 1 draws more diverse rows.

    Returns:
        An importance of rows, in nats. The details are ``log_weight``, the first term,
        which orders rows without noise, and ``noise``, the second.

    Raises:
        DataError: if there are no rows, or no target rows.
        SchemaError: if both were not encoded alike, or fields cannot be read.
        ValueError: if a number is out of range.
    """
    check_positive("temperature", temperature)
    check_non_negative("smoothing", smoothing)
    tokens = _tokens(rows, target, pairs, num_buckets)
    ratios = log_ratios(
        tokens.counts(target),
        tokens.counts(rows),
        smoothing=smoothing * tokens.per_row,
    )
    weights = tokens.sums(rows, ratios) / temperature
    noise = np.random.default_rng(seed).gumbel(size=len(rows))
    return Importance(
        unit="row",
        names=RowNames.first(len(rows)),
        scores=weights + noise,
        meaning="log importance weight for the target, and Gumbel noise",
        method="dsir",
        data_fingerprint=rows.checksum(),
        seed=seed,
        details={"log_weight": weights, "noise": noise},
    )


def log_ratios(
    target: NDArray[np.float64], rows: NDArray[np.float64], *, smoothing: float = 0.0
) -> NDArray[np.float64]:
    r"""Compare how often the target and all rows hit each bucket.

    $$\ln \left( \frac{t_j + s q_j}{T + s} + \epsilon \right) - \ln (q_j + \epsilon),
    \quad q_j = r_j / R$$

    Examples:
        >>> log_ratios(np.array([3.0, 1.0]), np.array([2.0, 2.0])).round(4)
        array([ 0.4055, -0.6931])

    Args:
        target: tokens of the target by bucket, ``(bucket,)``.
        rows: tokens of all rows by bucket, ``(bucket,)``.
        smoothing: tokens with the shares of all rows to add to the target.

    Returns:
        Log-ratios in nats, ``(bucket,)``.

    Raises:
        DataError: if one of the two has no token.
    """
    for name, counts in (("target", target), ("rows", rows)):
        if not counts.sum() > 0:
            message = f"{name} must have at least one value, got none."
            raise DataError(message)
    shares = rows / rows.sum()
    wanted = (target + smoothing * shares) / (target.sum() + smoothing)
    found: NDArray[np.float64] = np.log(wanted + FLOOR) - np.log(shares + FLOOR)
    return found


def effective_rows(importance: Importance) -> float:
    """How many rows of equal weight would average as steadily as these weights.

    Where it is far below the number that is drawn, the drawn rows are nearly those of
    the largest weights: raise ``temperature``, or name fewer pairs.

    Args:
        importance: found by ``rank_by_dsir``.

    Returns:
        Kish's effective sample size, from 1 to the number of rows.

    Raises:
        DataError: if the importance has no log-weights.
    """
    if "log_weight" not in importance.details:
        message = (
            "importance must have the detail 'log_weight', got one by "
            f"{importance.method}."
        )
        raise DataError(message)
    logs = importance.details["log_weight"]
    weights = np.exp(logs - logs.max(initial=-np.inf))
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def kl_reduction(
    selection: Selection,
    rows: Dataset,
    target: Dataset,
    *,
    pairs: Sequence[tuple[str, str]] = (),
    num_buckets: int = 10_000,
    seed: int = 0,
) -> float:
    """Say how much nearer to the target the kept rows are than as many by chance.

    Args:
        selection: of ``rows``; by whatever method.
        rows: what was chosen from.
        target: the rows that the kept ones shall look like.
        pairs: as in ``rank_by_dsir``.
        num_buckets: of the hash.
        seed: of the rows by chance.

    Returns:
        The divergence of the target from rows by chance less that from the kept ones,
        in nats per token: above zero is nearer, and more is better.

    Raises:
        DataError: if there are no rows, or none is kept, or the selection is another.
        SchemaError: if both were not encoded alike, or fields cannot be read.
    """
    tokens = _tokens(rows, target, pairs, num_buckets)
    wanted = tokens.counts(target)
    chance = np.random.default_rng(seed).permutation(len(rows))[: len(selection)]
    distances = [
        log_ratios(wanted, tokens.counts(part))
        for part in (rows.take(chance), rows_of(selection, rows))
    ]
    return float(wanted @ (distances[0] - distances[1]) / wanted.sum())


def top_of_each(importances: Sequence[Importance], counts: Sequence[int]) -> Selection:
    """Keep rows for several targets, none of them twice.

    Args:
        importances: of the same rows, one for each target.
        counts: rows to keep for each; the first target chooses first.

    Returns:
        The rows of all targets together.

    Raises:
        DataError: if there is none, or they are not of the same rows.
        ValueError: if there are not so many rows, or not one count per target.
    """
    if not importances or len(counts) != len(importances):
        message = (
            f"counts must be one per importance, and one at least, got {len(counts)} "
            f"for {len(importances)}."
        )
        raise ValueError(message)
    names = importances[0].names
    is_same = all(importance.names == names for importance in importances)
    if not (is_same and isinstance(names, RowNames)):
        message = "importances must be of the same rows by number, got others."
        raise DataError(message)
    if min(counts) < 0 or sum(counts) > len(names):
        message = f"counts must add up to at most {len(names)} rows, got {counts}."
        raise ValueError(message)
    is_taken = np.zeros(len(names), dtype=np.bool_)
    for importance, count in zip(importances, counts, strict=True):
        scores = np.where(is_taken, -np.inf, importance.scores)
        is_taken[np.argsort(-scores, kind="stable")[:count]] = True
    return Selection("row", names.at(is_taken), names)


def _tokens(
    rows: Dataset,
    target: Dataset,
    pairs: Sequence[tuple[str, str]],
    num_buckets: int,
) -> HashedTokens:
    check_target(rows, target)
    return HashedTokens.of(rows, pairs=pairs, num_buckets=num_buckets)
