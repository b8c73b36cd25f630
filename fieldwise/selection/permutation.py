"""Fields by what the default model loses when their column is permuted.

Source: Breiman, "Random Forests", Machine Learning 2001, section 10; see
``fieldwise.sensitivity.permutation`` for what is measured.
Differences from the benchmark of Jia et al., "ERASE: Benchmarking Feature Selection
Methods for Deep Recommender Systems", KDD 2024, https://arxiv.org/abs/2403.12660: the
model is the one whose fields are chosen, not a small forest; held-out rows, not those
it was trained on; the loss, not the accuracy.
"""

from dataclasses import replace

from torch import nn

from fieldwise.importance import Importance
from fieldwise.selection.full_model import train_full_model
from fieldwise.selection.ranking_data import RankingData
from fieldwise.sensitivity import permute_fields

__all__ = ["rank_by_permutation"]


def rank_by_permutation(
    data: RankingData,
    *,
    seed: int = 0,
    model: nn.Module | None = None,
    metric: str = "loss",
    num_repeats: int = 5,
) -> Importance:
    """Rank fields by what a model loses when their values are handed to other rows.

    Args:
        data: the rows; losses are measured on those for gates.
        seed: of the permutations, and of the training where no model is given.
        model: a trained model; None trains the default one.
        metric: what is lost, ``loss`` or ``auc``.
        num_repeats: permutations of each field.

    Returns:
        An importance of fields, with the ``deviation`` over the permutations.

    Raises:
        DataError: if the metric is not defined for the labels.
        ValueError: if there is no such metric, or ``num_repeats`` is not positive.
    """
    if model is None:
        model = train_full_model(data, seed=seed)
    found = permute_fields(
        model, data.gate, metric=metric, num_repeats=num_repeats, seed=seed
    )
    return replace(found, data_fingerprint=data.fingerprint)
