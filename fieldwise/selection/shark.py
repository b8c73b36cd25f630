"""Fields by what the loss would gain if they said the same in every row.

Source: Zhang et al., "SHARK: A Lightweight Model Compression Approach for Large-scale
Recommender Systems", CIKM 2023, https://arxiv.org/abs/2308.09395, "F-Permutation", with
the sign dropped in each row, as the benchmark of Jia et al., "ERASE: Benchmarking
Feature Selection Methods for Deep Recommender Systems", KDD 2024,
https://arxiv.org/abs/2403.12660, does.
Differences from the benchmark: batches of any size, with the same scores; rows that
stopped nothing. The quantisation of rows is left out.
"""

import numpy as np
import torch
from torch import nn

from fieldwise.data.loader import Loader
from fieldwise.importance import Importance
from fieldwise.selection.full_model import train_full_model
from fieldwise.selection.ranking_data import RankingData
from fieldwise.sensitivity import embedding_gradients, mean_embeddings

__all__ = ["rank_by_shark"]


def rank_by_shark(
    data: RankingData,
    *,
    seed: int = 0,
    model: nn.Module | None = None,
    batch_size: int = 4096,
) -> Importance:
    r"""Rank fields by the loss they would cost as a constant, to first order.

    $$s_f = \frac{1}{N} \sum_i \left| \left\langle \frac{\partial \ell_i}{\partial
    e_{if}}, \bar e_f - e_{if} \right\rangle \right|$$

    Goes through the rows twice: for the mean embedding of each field, and for the
    gradients. A field with one value has exactly 0.

    Args:
        data: the rows; means and gradients are those of the rows for gates.
        seed: of the training, where no model is given.
        model: a trained model; None trains the default one.
        batch_size: rows at a time; scores do not depend on it.

    Returns:
        An importance of fields. The detail ``signed`` keeps the sign of each row: it
        approximates how the mean loss would change, the score does not.
    """
    if model is None:
        model = train_full_model(data, seed=seed)
    loader = Loader(data.gate, batch_size=batch_size)
    means = mean_embeddings(model, data.schema, loader.epoch(0))
    totals = np.zeros((2, len(data.schema)))
    num_rows = 0.0
    for rows in embedding_gradients(model, data.schema, loader.epoch(0)):
        directions = (
            mean - embedding
            for mean, embedding in zip(means, rows.embeddings, strict=True)
        )
        changes = rows.along(directions, data.schema).double()
        weights = rows.weights.double().unsqueeze(1)
        both = torch.stack([changes.abs(), changes])
        totals += (weights * both).sum(1).cpu().numpy()
        num_rows += weights.sum().item()
    lengths, signed = totals / num_rows
    return Importance(
        unit="field",
        names=data.schema.names,
        scores=lengths,
        meaning="loss a row gains or loses when its embedding is the mean, first order",
        method="shark",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={"signed": signed},
    )
