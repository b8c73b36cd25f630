r"""Which pairs of fields the exponential neurons of a model move together.

$$s_{fg} = \frac{1}{N} \sum_{n, i} |w_{nif}| \, |w_{nig}| \,
\|e_{nf} - \bar e_f\| \, \|e_{ng} - \bar e_g\|$$

over rows n and neurons i: a product of exponentials depends on two fields together as
far as both of them move its exponent.

Source: Cai et al., "ARM-Net: Adaptive Relation Modeling Network for Structured Data",
SIGMOD 2021, https://arxiv.org/abs/2107.01830, "Interpretability".
Differences from the paper: powers are weighted by how much the embeddings differ from
their mean; a power of a field that always says the same moves nothing.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import ShapeError
from fieldwise.explanation.layer_inputs import find_layer, show_inputs
from fieldwise.importance import Importance
from fieldwise.nn.interactions.exponential_neurons import ExponentialNeurons
from fieldwise.nn.interactions.field_pairs import FieldPairs

__all__ = ["neuron_pairs"]


def neuron_pairs(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Score pairs of fields by how far both move the same neurons.

    Args:
        model: has a layer of exponential neurons, as ``ARMNet`` and ``ARMNetPlus`` do.
        batches: the rows; their embeddings are held in memory.
        names: of the fields, in the order of the schema.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of pairs, in the order of ``FieldPairs``.

    Raises:
        DataError: if there is no row.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no such layer.
    """
    neurons = find_layer(model, ExponentialNeurons)
    if len(names) != neurons.num_fields:
        message = f"names must be {neurons.num_fields} fields, got {len(names)}."
        raise ShapeError(message)
    parts: list[Tensor] = []
    show_inputs(model, neurons, batches, parts.append)
    mean = torch.cat(parts).mean(dim=0)
    sums, num_rows = np.zeros((len(names), len(names))), 0
    for part in parts:
        sums += _moved_together(neurons, part, mean).double().cpu().numpy()
        num_rows += len(part)
    pairs = FieldPairs(len(names))
    return Importance(
        unit="pair",
        names=tuple((names[i], names[j]) for i, j in pairs.positions),
        scores=sums[pairs.left.numpy(), pairs.right.numpy()] / num_rows,
        meaning="how far both move the exponents of the same neurons",
        method="exponential neurons",
        data_fingerprint=data_fingerprint,
    )


@torch.no_grad()
def _moved_together(
    neurons: ExponentialNeurons,
    x: Float[Tensor, "row field dim"],
    mean: Float[Tensor, "field dim"],
) -> Float[Tensor, "field other"]:
    moved = neurons.powers(x).abs() * (x - mean).norm(dim=-1)[:, None]
    rows = moved.flatten(end_dim=1)
    together: Tensor = rows.T @ rows
    return together
