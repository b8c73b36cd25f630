"""Rows that are held out of a fit so that every class stays on both sides."""

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import DataError

__all__ = ["stratified_hold_out"]


def stratified_hold_out(
    classes: NDArray[np.intp], *, share: float, seed: int
) -> NDArray[np.bool_]:
    """Hold out some rows, of every class about the same share.

    Of each class one row at least is kept to learn from: a rare class would otherwise
    be missing there.

    Examples:
        >>> classes = np.repeat([0, 1], [80, 20])
        >>> held_out = stratified_hold_out(classes, share=0.1, seed=0)
        >>> np.bincount(classes[held_out]).tolist()
        [8, 2]

    Args:
        classes: number of each row's class, ``(row,)``.
        share: of the rows, in (0, 1); at least one row.
        seed: another seed holds out other rows.

    Returns:
        Whether a row is held out, ``(row,)``.

    Raises:
        DataError: if every class has one row only.
    """
    order = np.random.default_rng(seed).permutation(len(classes))
    _, first = np.unique(classes[order], return_index=True)
    spare = np.delete(order, first)
    if not len(spare):
        message = (
            f"X must have more rows than classes, got {len(classes)} rows: one of each "
            "class is learned from, and others are held out. Pass more rows."
        )
        raise DataError(message)
    spare = spare[np.argsort(classes[spare], kind="stable")]
    num_held = min(len(spare), max(1, round(share * len(classes))))
    # Evenly spaced along the classes: each of them gives its share.
    places = (2 * np.arange(num_held) + 1) * len(spare) // (2 * num_held)
    held_out = np.zeros(len(classes), dtype=bool)
    held_out[spare[places]] = True
    return held_out
