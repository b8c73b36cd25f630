"""Undo a change of the label rate: what was learned from rows of another rate.

Source: Saerens, Latinne, Decaestecker, "Adjusting the Outputs of a Classifier to New a
Priori Probabilities: A Simple Procedure", Neural Computation 2002.
"""

import math

__all__ = ["prior_logit_shift"]


def prior_logit_shift(*, trained_rate: float, rate: float) -> float:
    r"""Give what to add to logits where the labels have another rate.

    $$\ln \frac{\pi}{1 - \pi} - \ln \frac{\pi_s}{1 - \pi_s}$$

    It is right where rows of a class look alike in both tables, as after choosing rows
    by their label. Where rows were chosen by their fields, labels differ because fields
    do, and nothing needs to be undone.

    Examples:
        >>> round(prior_logit_shift(trained_rate=0.5, rate=0.1), 6)
        -2.197225

    Args:
        trained_rate: share of positive rows among those that were learned from, in
            (0, 1).
        rate: share of positive rows where the model is used, in (0, 1).

    Returns:
        The shift; 0 where both are equal.

    Raises:
        ValueError: if a rate is outside (0, 1).
    """
    for name, value in (("trained_rate", trained_rate), ("rate", rate)):
        if not 0 < value < 1:
            message = f"{name} must be a share in (0, 1), got {value}."
            raise ValueError(message)
    return math.log(rate / (1 - rate)) - math.log(trained_rate / (1 - trained_rate))
