"""Fields by the slope of the loss when their embedding is scaled.

Source: Wang et al., "Single-shot Feature Selection for Multi-task Recommendations",
SIGIR 2023, https://doi.org/10.1145/3539618.3591767, for a single task, as the benchmark
of Jia et al., "ERASE: Benchmarking Feature Selection Methods for Deep Recommender
Systems", KDD 2024, https://arxiv.org/abs/2403.12660, uses it.
Differences from the benchmark: the slopes are measured on rows that stopped nothing,
and on all of them instead of 100 batches; the sign of each row's slope is dropped, not
that of a batch. In a trained model slopes of rows cancel, whatever the field is worth:
on planted tables batches of 4096 rows put fields of noise before strong ones, rows did
not. ``per_row=False`` is the benchmark's.
"""

import numpy as np
from torch import nn

from fieldwise.data.loader import Loader
from fieldwise.importance import Importance
from fieldwise.selection.full_model import train_full_model
from fieldwise.selection.ranking_data import RankingData
from fieldwise.sensitivity import embedding_gradients

__all__ = ["rank_by_sfs"]


def rank_by_sfs(
    data: RankingData,
    *,
    seed: int = 0,
    model: nn.Module | None = None,
    batch_size: int = 4096,
    per_row: bool = True,
) -> Importance:
    r"""Rank fields by the mean length of the slope of the loss in a gate of one.

    $$s_f = \frac{1}{N} \sum_i \left| \frac{\partial \ell_i}{\partial m_f} \right|,
    \quad \frac{\partial \ell_i}{\partial m_f} = \left\langle
    \frac{\partial \ell_i}{\partial e_{if}}, e_{if} \right\rangle$$

    A gate $m_f = 1$ multiplies the embedding of field ``f``.

    Args:
        data: the rows; slopes are measured on those for gates.
        seed: of the training, where no model is given.
        model: a trained model; None trains the default one.
        batch_size: rows at a time; scores do not depend on it with ``per_row``.
        per_row: drop the sign of each row; else that of the mean over each batch.

    Returns:
        An importance of fields that sums to 1, or to 0 where no field matters.
    """
    if model is None:
        model = train_full_model(data, seed=seed)
    batches = Loader(data.gate, batch_size=batch_size).epoch(0)
    total, num_terms = np.zeros(len(data.schema)), 0.0
    for rows in embedding_gradients(model, data.schema, batches):
        slopes = rows.along(rows.embeddings, data.schema).double()
        weights = rows.weights.double().unsqueeze(1)
        if per_row:
            total += (weights * slopes.abs()).sum(0).cpu().numpy()
            num_terms += weights.sum().item()
        else:
            mean = (weights * slopes).sum(0) / weights.sum()
            total += mean.abs().cpu().numpy()
            num_terms += 1
    lengths = total / num_terms
    return Importance(
        unit="field",
        names=data.schema.names,
        scores=lengths / (lengths.sum() or 1.0),
        meaning="share of the slopes of the loss in a gate on its embedding",
        method="sfs",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={"slope": lengths},
    )
