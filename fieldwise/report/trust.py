"""Whether probabilities can be trusted, in words, by rules that are told.

The rules: they can where the mean prediction is within 5 % of what happened, and the
expected calibration error is at most 10 % of the rate of positives; with care up to
15 % and 25 %. What chance alone explains, up to twice of it, is held against nobody.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

from fieldwise.report.figures import percent

__all__ = ["Trust", "judge_probabilities"]

SURE_RATIO, CAREFUL_RATIO = 0.05, 0.15
SURE_ERROR, CAREFUL_ERROR = 0.10, 0.25
BY_CHANCE = 2.0


@final
@dataclass(frozen=True)
class Trust:
    """A verdict on probabilities.

    Args:
        answer: yes, with care, or no.
        text: the numbers behind it.
        tone: how it is meant.
    """

    answer: str
    text: str
    tone: Literal["good", "warn", "bad"]


def judge_probabilities(
    metrics: Mapping[str, Any], *, part: str, chance: int | float | None = None
) -> Trust | None:
    """Judge the probabilities of one binary label.

    Examples:
        >>> metrics = {"ece": 0.004, "positive_rate": 0.1, "calibration_ratio": 1.01}
        >>> judge_probabilities({**metrics, "num_rows": 9000}, part="test").answer
        'Yes'

    Args:
        metrics: of the label.
        part: the rows they are about.
        chance: error that right probabilities would show on these rows.

    Returns:
        The verdict; None for a label without probabilities.
    """
    error, rate = metrics.get("ece"), metrics.get("positive_rate")
    if error is None or not rate:
        return None
    ratio = float(metrics.get("calibration_ratio", 1.0))
    share = error / rate
    by_chance = chance is not None and error <= BY_CHANCE * chance
    num_rows = max(1, int(metrics.get("num_rows", 1)))
    strays = math.sqrt((1 - rate) / (rate * num_rows))
    off = abs(ratio - 1) if abs(ratio - 1) > BY_CHANCE * strays else 0.0
    text = (
        f"On the {part} rows the mean prediction is {percent(ratio * rate)}, and "
        f"{percent(rate)} happened. In bins of the prediction the two differ by "
        f"{percent(error, 2)} on average"
    )
    if chance is not None:
        text += f"; right probabilities would differ by {percent(chance, 2)} by chance"
    if part == "valid":
        text += ". These rows also taught the calibration: new ones will be worse"
    text += "."
    if off <= SURE_RATIO and (share <= SURE_ERROR or by_chance):
        return Trust("Yes", text, "good")
    if off <= CAREFUL_RATIO and (share <= CAREFUL_ERROR or by_chance):
        return Trust("With care", text, "warn")
    return Trust("No", text, "bad")
