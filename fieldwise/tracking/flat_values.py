"""Nested settings and metrics as the flat tables that trackers keep."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["flat_metrics", "flat_settings"]


def flat_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """Name every setting by its path.

    Examples:
        >>> flat_settings({"model": {"name": "lr"}, "calibration": "auto"})
        {'model.name': 'lr', 'calibration': 'auto'}

    Args:
        settings: plain JSON types, some of them nested.

    Returns:
        Texts by path.
    """
    return {path: str(value) for path, value in _leaves(settings)}


def flat_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Name every metric by its part, and its label where there are several.

    Examples:
        >>> flat_metrics({"valid": {"auc": 0.75, "num_rows": 10}})
        {'valid.auc': 0.75, 'valid.num_rows': 10.0}

    Args:
        metrics: of a ranker, by part.

    Returns:
        Numbers by path.
    """
    return {path: float(value) for path, value in _leaves(metrics)}


def _leaves(entries: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in entries.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
