"""Why a ranker says what it says of some rows."""

from typing import Any

import numpy as np

from fieldwise.explanation.explaining import explain
from fieldwise.serving.server.columns import Columns
from fieldwise.serving.server.served import Served

__all__ = ["explain_columns"]


def explain_columns(served: Served, columns: Columns, label: str) -> dict[str, Any]:
    """Explain rows field by field.

    Args:
        served: whom to ask.
        columns: the rows, all fields of them.
        label: whose logit is explained.

    Returns:
        As JSON types: the logit that explanations start from, and of each row its
        logit, its prediction and what fields add, largest first.
    """
    found = explain(served.ranker, columns.frame(), background=served.background(label))
    parts, names = found.contributions, found.contributions.names
    explanations = []
    for row, prediction in enumerate(found.probabilities.tolist()):
        added = parts.values[row]
        order = np.argsort(-np.abs(added), kind="stable").tolist()
        explanations.append(
            {
                "logit": float(parts.logits[row]),
                "prediction": prediction,
                "contributions": [
                    {"field": names[place], "adds": float(added[place])}
                    for place in order
                ],
            }
        )
    return {"base": float(parts.base), "explanations": explanations}
