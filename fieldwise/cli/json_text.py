"""JSON that every reader accepts."""

import json
import math
from collections.abc import Mapping

__all__ = ["json_text"]


def json_text(value: object) -> str:
    """Write a value as JSON.

    Examples:
        >>> print(json_text({"auc": float("nan")}))
        {
         "auc": null
        }

    Args:
        value: JSON types; what JSON has no word for becomes null (NaN, infinity) or
            text (dates).

    Returns:
        The text.
    """
    return json.dumps(_finite(value), ensure_ascii=False, indent=1, default=str)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
