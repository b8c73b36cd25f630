"""Metrics and unknown values as tables for people."""

from collections.abc import Mapping
from typing import Any

from fieldwise.cli.tables import Side, number, show_table

__all__ = [
    "METRIC_NAMES",
    "by_label",
    "show_fit_metrics",
    "show_metrics",
    "worst_shares",
]

METRIC_NAMES: Mapping[str, str] = {
    "auc": "AUC",
    "group_auc": "group AUC",
    "log_loss": "log loss",
    "ece": "ECE",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R2",
}
"""The metrics a fit is judged by, as people call them."""

Metrics = Mapping[str, Any]


def by_label(metrics: Metrics) -> dict[str, Metrics]:
    """Give the metrics of one label and of several the same form.

    Args:
        metrics: by name, or by label and name.

    Returns:
        By label and name; a single label is called by the empty string.
    """
    nested = any(isinstance(value, Mapping) for value in metrics.values())
    return dict(metrics) if nested else {"": metrics}


def show_metrics(metrics: Metrics) -> None:
    """Print all metrics of some rows.

    Args:
        metrics: by name, or by label and name.
    """
    rows = [
        [label, METRIC_NAMES.get(name, name), number(value)]
        for label, values in by_label(metrics).items()
        for name, value in values.items()
    ]
    columns: dict[str, Side] = {"label": "left", "metric": "left", "value": "right"}
    if not any(label for label, *_ in rows):
        del columns["label"]
        rows = [cells for _, *cells in rows]
    show_table(columns, rows)


def show_fit_metrics(before: Metrics, after: Metrics) -> None:
    """Print what a fit reached on the rows it did not learn from.

    Args:
        before: metrics by part, before calibration.
        after: metrics by part, after it.
    """
    rows = [
        [
            f"{part} {label}".strip(),
            title,
            number(by_label(before[part])[label].get(name)),
            number(values[name]),
        ]
        for part, metrics in after.items()
        for label, values in by_label(metrics).items()
        for name, title in METRIC_NAMES.items()
        if name in values
    ]
    columns: dict[str, Side] = {
        "part": "left",
        "metric": "left",
        "before calibration": "right",
        "after": "right",
    }
    show_table(columns, rows)


def worst_shares(shares: Mapping[str, float], *, count: int = 3) -> str:
    """Name the fields with most unknown values.

    Examples:
        >>> worst_shares({"site": 0.25, "page": 0.0, "item": 0.5})
        "'item' 50.0%, 'site' 25.0%"

    Args:
        shares: share of unknown values by field, in [0, 1].
        count: fields to name at most.

    Returns:
        The fields and their shares, the largest first.
    """
    known = {name: share for name, share in shares.items() if share > 0}
    worst = sorted(known, key=lambda name: known[name], reverse=True)[:count]
    return ", ".join(f"{name!r} {known[name]:.1%}" for name in worst) or "none"
