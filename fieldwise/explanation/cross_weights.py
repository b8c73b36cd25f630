r"""Which pairs of fields the weights of a cross network multiply.

$$s_{fg} = \sum_l \big\| \operatorname{diag}(\sigma_f) \, W^{(l)}_{fg} \,
\operatorname{diag}(\sigma_g) \big\|_F + \big\| \dots_{gf} \big\|_F$$

with the block of the matrix of layer l that multiplies field f by field g, and the
standard deviations of both over the rows.

Source: Wang et al., "DCN V2: Improved Deep & Cross Network and Practical Lessons for
Web-scale Learning to Rank Systems", WWW 2021, https://arxiv.org/abs/2008.13535, section
7.4 (norms of blocks); Li et al., "FCN: Fusing Exponential and Linear Cross Network for
Click-Through Rate Prediction", KDD 2026, https://arxiv.org/abs/2407.13349.
Differences from the papers: weights are measured in the standard deviations of what
they multiply; all layers and branches are added up.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import ShapeError
from fieldwise.explanation.layer_inputs import show_inputs
from fieldwise.importance import Importance
from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.interactions.field_pairs import FieldPairs
from fieldwise.nn.interactions.self_mask_cross import SelfMaskCrossNetwork

__all__ = ["cross_weights"]

Network = CrossNetwork | SelfMaskCrossNetwork


def cross_weights(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Add up how much the matrices of a model multiply the fields of each pair.

    Args:
        model: has cross networks with matrices, as ``DCNv2``, ``FCN``, ``LCN`` and
            ``ECN`` do.
        batches: the rows.
        names: of the fields, in the order of the schema.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of pairs, in the order of ``FieldPairs``.

    Raises:
        DataError: if there is no row.
        ShapeError: if the width is no multiple of the number of names.
        ValueError: if the model has no such layer.
    """
    networks = [part for part in model.modules() if isinstance(part, Network)]
    if not networks:
        message = f"model must have a cross network, got {type(model).__name__}."
        raise ValueError(message)
    if networks[0].in_features % len(names):
        message = (
            f"names must be those of the fields that make {networks[0].in_features} "
            f"numbers, got {len(names)}."
        )
        raise ShapeError(message)
    deviations = _deviations(model, networks[0], batches)
    blocks = sum(
        norms
        for network in networks
        for norms in _block_norms(network, deviations, len(names))
    )
    found = np.asarray(blocks)
    pairs = FieldPairs(len(names))
    return Importance(
        unit="pair",
        names=tuple((names[i], names[j]) for i, j in pairs.positions),
        scores=(found + found.T)[pairs.left.numpy(), pairs.right.numpy()],
        meaning="norm of the weights that multiply both, all layers together",
        method="cross weights",
        data_fingerprint=data_fingerprint,
    )


def _deviations(
    model: nn.Module, network: Network, batches: Iterable[Batch]
) -> Float[Tensor, " width"]:
    """Of each number that enters the networks, over rows and heads."""
    sums, num_rows = torch.zeros(2, network.in_features, dtype=torch.float64), 0

    def add(x: Float[Tensor, "row *head width"]) -> None:
        nonlocal sums, num_rows
        rows = x.reshape(-1, x.shape[-1]).double().cpu()
        sums = sums + torch.stack([rows.sum(0), rows.square().sum(0)])
        num_rows += len(rows)

    show_inputs(model, network, batches, add)
    mean, square = sums / num_rows
    found: Tensor = (square - mean.square()).clamp(min=0).sqrt()
    return found


def _block_norms(
    network: Network, deviations: Float[Tensor, " width"], num_fields: int
) -> Iterator[NDArray[np.float64]]:
    """Norms of the blocks of each layer, ``(field, field)``."""
    for layer in network.layers:
        if isinstance(network, CrossNetwork):
            weight = _matrix(layer)
            scaled = deviations[:, None] * weight * deviations
            blocks = scaled.view(
                num_fields, -1, num_fields, deviations.numel() // num_fields
            )
            yield blocks.square().sum(dim=(1, 3)).sqrt().numpy()
        else:
            # Of two views: a row multiplies the same number of both halves.
            weight = _matrix(layer.linear)  # type: ignore[arg-type]
            halves = deviations.view(2, -1)
            scaled = halves.square().mean(0).sqrt()[:, None] * weight * deviations
            half_dim = weight.shape[0] // num_fields
            blocks = scaled.view(num_fields, half_dim, 2, num_fields, half_dim)
            yield blocks.square().sum(dim=(1, 2, 4)).sqrt().numpy()


def _matrix(layer: nn.Module) -> Float[Tensor, "out in"]:
    weight: Tensor = layer.weight  # type: ignore[assignment]
    return weight.detach().double().cpu()
