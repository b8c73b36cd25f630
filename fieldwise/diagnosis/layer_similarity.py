r"""How alike two layers say things: of the same row, and of all rows together.

With $h_l$ the states of a layer, $\bar h_l$ their mean and $H_l$ the states less it,

$$\cos(l, l') = \frac1N \sum_n \frac{\langle h_{ln}, h_{l'n} \rangle}
  {\lVert h_{ln} \rVert \lVert h_{l'n} \rVert}, \qquad
  CKA(l, l') = \frac{\lVert H_{l'}^\top H_l \rVert_F^2}
  {\lVert H_l^\top H_l \rVert_F \lVert H_{l'}^\top H_{l'} \rVert_F}$$

Source: Jiang, Zhou, Zhu, "Tracing Representation Progression: Analyzing and Enhancing
Layer-Wise Similarity", ICLR 2025, https://arxiv.org/abs/2406.14479 (cosine of the same
sample); Kornblith, Norouzi, Lee, Hinton, "Similarity of Neural Network Representations
Revisited", ICML 2019, https://arxiv.org/abs/1905.00414 (linear CKA).
Differences from the papers: the cosine can be taken of states less their mean, which a
large mean cannot push to one; a row without a direction counts as 0.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_choice
from fieldwise.errors import DataError, ShapeError

__all__ = ["MEASURES", "compare_layers", "linear_cka", "mean_cosine"]

MEASURES = ("cka", "centred_cosine", "cosine")

States = NDArray[np.float64]


def mean_cosine(first: States, second: States, *, centred: bool = True) -> float:
    """Measure how alike two layers say the same row.

    It means something where the layers share their coordinates, as the states of a
    cross network or a residual stream do; a tower turns them.

    Examples:
        >>> states = np.array([[1.0, 0.0], [0.0, 2.0]])
        >>> round(mean_cosine(states, 3 * states, centred=False), 9)
        1.0

    Args:
        first: of the rows, ``(row, width)``.
        second: of the same rows, of the same width.
        centred: subtract the mean of each layer first; take this for decisions.

    Returns:
        In [-1, 1].

    Raises:
        DataError: if there is no row.
        ShapeError: if the shapes differ.
    """
    _check(first, second)
    if first.shape != second.shape:
        message = (
            "states must have one width to have a cosine, got shapes "
            f"{first.shape} and {second.shape}. Take the CKA."
        )
        raise ShapeError(message)
    if centred:
        first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    products = np.einsum("nd,nd->n", first, second)
    sizes = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosines = np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 0)
    return float(cosines.mean())


def linear_cka(first: States, second: States) -> float:
    """Measure how alike two layers arrange all rows, whatever their coordinates.

    Neither a rotation of a layer nor its scale changes it. Few rows of wide layers look
    alike by chance: take several rows for each unit.

    Examples:
        >>> states = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]])
        >>> round(linear_cka(states, 5 * states[:, ::-1]), 9)
        1.0

    Args:
        first: of the rows, ``(row, width)``.
        second: of the same rows, of any width.

    Returns:
        In [0, 1].

    Raises:
        DataError: if there is no row, or a layer says the same of every row.
        ShapeError: if they are not of the same rows.
    """
    _check(first, second)
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    own = [float(np.linalg.norm(states.T @ states)) for states in (first, second)]
    if not all(own):
        message = "states must differ between rows, got a layer that is constant."
        raise DataError(message)
    return float(np.linalg.norm(second.T @ first)) ** 2 / (own[0] * own[1])


def compare_layers(
    states: Mapping[str, States], *, measure: str = "cka"
) -> NDArray[np.float64]:
    """Compare every layer with every other one.

    A layer that is almost the last one, with a centred cosine above 0.99, and those
    between them, are candidates for removal.

    Examples:
        ``compare_layers(hidden_states(ranker.model, names, batches))``.

    Args:
        states: by layer, ``(row, width)``.
        measure: ``cka``, ``centred_cosine`` or ``cosine``.

    Returns:
        ``(layer, layer)``, in the order of the layers, symmetric.

    Raises:
        DataError: if there is no row, or CKA meets a layer that is constant.
        ShapeError: if rows, or for a cosine widths, differ.
        ValueError: if there is no such measure.
    """
    check_choice("measure", measure, MEASURES)
    layers = list(states.values())
    found = np.empty((len(layers), len(layers)))
    for place, first in enumerate(layers):
        for other, second in enumerate(layers[: place + 1]):
            if measure == "cka":
                value = linear_cka(first, second)
            else:
                is_centred = measure == "centred_cosine"
                value = mean_cosine(first, second, centred=is_centred)
            found[place, other] = found[other, place] = value
    return found


def _check(first: States, second: States) -> None:
    if first.ndim != 2 or second.ndim != 2 or len(first) != len(second):
        message = (
            "states must be of the same rows, (row, width), got shapes "
            f"{first.shape} and {second.shape}."
        )
        raise ShapeError(message)
    if not len(first):
        message = "states must hold at least one row, got none."
        raise DataError(message)
