r"""How relevance goes back through a layer without getting lost.

Source: Otsuki et al., "Layer-Wise Relevance Propagation with Conservation Property for
ResNet", ECCV 2024, https://arxiv.org/abs/2407.09115, section 3 (relevance splitting);
Bach et al., "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by
Layer-Wise Relevance Propagation", PLOS ONE 2015, equation 58 (the epsilon rule).
Differences from the papers: the epsilon rule in all layers, because embeddings and
crosses have signs, which the rule for positive inputs does not allow; batch
normalisation is folded into its linear map, which is exact, and not passed by; what
biases absorb is told, and not lost; the rules for products are ours.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.mlp import MLP

__all__ = ["EPSILON", "back_through_cross", "back_through_linear", "back_through_mlp"]

EPSILON = 1e-9
"""Keeps quotients finite; its share is told with that of the biases."""

Rows = Float[Tensor, "row _"]
Absorbed = Float[Tensor, " row"]


def back_through_linear(
    x: Rows,
    weight: Float[Tensor, "out _"],
    bias: Float[Tensor, " out"],
    relevance: Rows,
) -> tuple[Rows, Absorbed]:
    r"""Hand the relevance of a linear map to its inputs.

    $$R_i = x_i \sum_j \frac{W_{ji} R_j}{z_j + \epsilon \operatorname{sign} z_j}$$

    Args:
        x: the inputs.
        weight: of the map.
        bias: of the map.
        relevance: of its outputs.

    Returns:
        Relevance of the inputs, and what bias and epsilon absorbed.
    """
    z = torch.nn.functional.linear(x, weight, bias)
    away = torch.where(z < 0, -EPSILON, EPSILON).to(z)
    shares = relevance / (z + away)
    return x * (shares @ weight), (shares * (bias + away)).sum(dim=1)


def back_through_mlp(mlp: MLP, x: Rows, relevance: Rows) -> tuple[Rows, Absorbed]:
    """Hand the relevance of a tower to its input.

    A ReLU passes relevance on unchanged: where it is shut there is none.

    Args:
        mlp: the tower, in eval mode, of layers that have rules.
        x: its input.
        relevance: of its output.

    Returns:
        Relevance of the input, and what biases absorbed.
    """
    maps = _folded(mlp)
    inputs = [x]
    for weight, bias in maps:
        inputs.append(torch.nn.functional.linear(inputs[-1], weight, bias).relu())
    absorbed = torch.zeros_like(relevance[:, 0])
    for (weight, bias), before in zip(
        reversed(maps), reversed(inputs[:-1]), strict=True
    ):
        relevance, lost = back_through_linear(before, weight, bias, relevance)
        absorbed = absorbed + lost
    return relevance, absorbed


def back_through_cross(
    cross: CrossNetwork, x0: Rows, relevance: Rows
) -> tuple[Rows, Absorbed]:
    r"""Hand the relevance of a cross network to its input.

    Each layer adds a product to what it was given. Both parts of the sum get relevance
    in proportion to their sizes (relevance splitting); of the product one half goes to
    the first input, the other through the linear map.

    Args:
        cross: the cross network.
        x0: its input.
        relevance: of its output.

    Returns:
        Relevance of the input, and what biases absorbed.
    """
    layers = [layer for layer in cross.layers if isinstance(layer, nn.Linear)]
    states = [x0]
    for layer in layers:
        states.append(x0 * layer(states[-1]) + states[-1])
    absorbed = torch.zeros_like(relevance[:, 0])
    of_first = torch.zeros_like(x0)
    for layer, x in zip(reversed(layers), reversed(states[:-1]), strict=True):
        product = x0 * layer(x)
        whole = product.abs() + x.abs()
        even = torch.full_like(whole, 0.5)
        share = torch.where(whole > 0, product.abs() / whole, even)
        of_product = share * relevance
        of_first = of_first + of_product / 2
        through, lost = back_through_linear(x, layer.weight, layer.bias, of_product / 2)
        relevance, absorbed = relevance - of_product + through, absorbed + lost
    return of_first + relevance, absorbed


def _folded(mlp: MLP) -> list[tuple[Tensor, Tensor]]:
    """Weights and biases of the maps, with the normalisation after them inside."""
    maps: list[tuple[Tensor, Tensor]] = []
    for layer in mlp.layers:
        if isinstance(layer, nn.Linear):
            maps.append((layer.weight, layer.bias))
        elif isinstance(layer, nn.BatchNorm1d):
            weight, bias = maps[-1]
            mean, variance = (
                layer.get_buffer("running_mean"),
                layer.get_buffer("running_var"),
            )
            scale = layer.weight / torch.sqrt(variance + layer.eps)
            moved = (bias - mean) * scale + layer.bias
            maps[-1] = (weight * scale[:, None], moved)
    return maps
