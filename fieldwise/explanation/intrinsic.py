"""What a model's own layers say of fields and pairs, through one door.

It costs next to nothing, and says what a layer does, not what causes a logit: deeper
layers and towers beside it are not asked. ``pair_differences`` asks the whole model.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from torch import nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError
from fieldwise.explanation.attention import attention_fields
from fieldwise.explanation.cross_features import field_importance
from fieldwise.explanation.cross_weights import cross_weights
from fieldwise.explanation.mixed_pairs import mixed_pairs
from fieldwise.explanation.neuron_pairs import neuron_pairs
from fieldwise.explanation.ranker_rows import ranker_rows
from fieldwise.explanation.token_pairs import token_pairs
from fieldwise.importance import Importance
from fieldwise.models.hiformer import Hiformer
from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.interactions.exponential_neurons import ExponentialNeurons
from fieldwise.nn.interactions.self_attention import SelfAttention
from fieldwise.nn.interactions.self_mask_cross import SelfMaskCrossNetwork
from fieldwise.ranker import Ranker
from fieldwise.ranker.findings import importance_of

__all__ = ["intrinsic_fields", "intrinsic_pairs"]

Tell = Callable[[Any, Iterable[Batch], Sequence[str]], Importance]

PAIRS: dict[type[nn.Module], Tell] = {
    ExponentialNeurons: neuron_pairs,
    SelfMaskCrossNetwork: cross_weights,
    CrossNetwork: cross_weights,
    SelfAttention: mixed_pairs,
    Hiformer: token_pairs,
}
FIELDS: dict[type[nn.Module], Tell] = {
    ExponentialNeurons: field_importance,
    SelfAttention: attention_fields,
    Hiformer: attention_fields,
}
"""What tells fields and pairs, by the layer it asks."""


def intrinsic_fields(ranker: Ranker, data: Any) -> Importance:  # noqa: ANN401
    """Let a ranker's model tell which fields it uses.

    Asked are the powers of ``armnet``, and where attention goes in ``autoint`` and
    ``hiformer``. Of models that tell pairs only, a field has what its pairs have.

    Args:
        ranker: fitted or loaded.
        data: raw rows, in any form that ``ranker_rows`` takes.

    Returns:
        An importance of fields; its ``method`` names the layer.

    Raises:
        DataError: if no layer of the model tells fields or pairs.
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    tell = _teller(ranker, FIELDS)
    if tell is not None:
        return tell(ranker.model, ranker_rows(ranker, data), ranker.schema.names)
    pairs = intrinsic_pairs(ranker, data)
    sums = dict.fromkeys(ranker.schema.names, 0.0)
    for pair, score in zip(pairs.names, pairs.scores.tolist(), strict=True):
        for name in pair:
            sums[name] += score
    return Importance(
        unit="field",
        names=tuple(sums),
        scores=np.array(list(sums.values())),
        meaning=f"sum over its pairs: {pairs.meaning}",
        method=pairs.method,
        data_fingerprint=pairs.data_fingerprint,
    )


def intrinsic_pairs(ranker: Ranker, data: Any) -> Importance:  # noqa: ANN401
    """Let a ranker's model tell which pairs of fields it puts together.

    Asked are the crosses of ``armnet``, the weights of ``fcn``, ``ecn``, ``lcn`` and
    ``dcnv2``, what comes of the attention of ``autoint`` and the task tokens of
    ``hiformer``, and what the search of ``optinter`` found.

    Args:
        ranker: fitted or loaded.
        data: raw rows, in any form that ``ranker_rows`` takes; read where the layer
            says something about rows.

    Returns:
        An importance of pairs; its ``method`` names the layer.

    Raises:
        DataError: if no layer of the model tells pairs.
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    searched = importance_of(ranker)
    if searched is not None and searched.unit == "pair":
        return searched
    tell = _teller(ranker, PAIRS)
    if tell is not None:
        return tell(ranker.model, ranker_rows(ranker, data), ranker.schema.names)
    message = (
        f"ranker must be of a model whose layers tell pairs, got one of "
        f"{ranker.model_name!r}. Use fw.explain(...).pairs(), which works for every "
        "model."
    )
    raise DataError(message)


def _teller(ranker: Ranker, tellers: dict[type[nn.Module], Tell]) -> Tell | None:
    kinds = {type(layer) for layer in ranker.model.modules()}
    return next((tell for kind, tell in tellers.items() if kind in kinds), None)
