"""What the head of a model card tells programs, as the Hugging Face Hub reads it.

Source: Hugging Face, "Model Cards", https://huggingface.co/docs/hub/model-cards, and
the example of all fields in its hub-docs repository (modelcard.md).
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from fieldwise.report.figures import joined
from fieldwise.report.run_contents import RunContents

__all__ = ["METRICS", "card_metadata", "front_matter"]

METRICS: Mapping[str, tuple[str, str, str]] = {
    "auc": ("roc_auc", "AUC", "higher is better, 0.5 is chance"),
    "log_loss": ("log_loss", "log loss", "nats; lower is better"),
    "normalized_entropy": (
        "normalized_entropy",
        "normalized entropy",
        "log loss beside that of a constant; lower is better, 1 is the constant",
    ),
    "brier": ("brier_score", "Brier score", "lower is better"),
    "group_auc": ("group_auc", "group AUC", "higher is better, 0.5 is chance"),
    "ndcg@10": ("ndcg_at_10", "NDCG@10", "higher is better"),
    "ece": (
        "expected_calibration_error",
        "expected calibration error",
        "lower is better",
    ),
    "calibration_ratio": (
        "calibration_ratio",
        "calibration ratio",
        "mean prediction by what happened; 1 is best",
    ),
    "rmse": ("rmse", "RMSE", "in the unit of the label; lower is better"),
    "mae": ("mae", "MAE", "in the unit of the label; lower is better"),
    "r2": ("r_squared", "R²", "share of the variance; higher is better, 0 is the mean"),
}
"""Identifier on the Hub, name and meaning of each metric that a card shows."""

NO_DATA = "not told"


def card_metadata(run: RunContents) -> dict[str, Any]:
    """Gather what programs read.

    The license is for the author to choose: none is given.

    Args:
        run: what a run tells.

    Returns:
        Plain JSON types, by the keys of the Hub.
    """
    labels = run.schema.get("labels", ())
    is_real = any(label.get("kind") == "real" for label in labels)
    task = "tabular-regression" if is_real else "tabular-classification"
    shown = [
        (label, name, float(metrics[name]))
        for label, metrics in run.metrics.items()
        for name in METRICS
        if name in metrics and math.isfinite(metrics[name])
    ]
    data: dict[str, Any] = {
        "library_name": "fieldwise",
        "pipeline_tag": task,
        "tags": ["fieldwise", "ranking", "ctr-prediction", "tabular", run.model],
    }
    if not shown:
        return data
    source = " ".join(run.data.split()) or NO_DATA
    several = len(run.metrics) > 1
    entries = [
        {
            "type": METRICS[name][0],
            "name": f"{METRICS[name][1]} of {label}" if several else METRICS[name][1],
            "value": value,
        }
        for label, name, value in shown
    ]
    result = {
        "task": {"type": task},
        "dataset": {
            "name": source,
            "type": re.sub(r"[^a-z0-9._-]+", "-", source.lower()).strip("-") or "table",
            "split": run.part,
        },
        "metrics": entries,
    }
    data["metrics"] = list(dict.fromkeys(entry["type"] for entry in entries))
    name = f"{run.model} for {joined(run.labels)}"
    data["model-index"] = [{"name": name, "results": [result]}]
    return data


def front_matter(metadata: Mapping[str, Any]) -> str:
    """Write metadata as the YAML block at the top of a card.

    Each entry is one line in the form of JSON, which YAML reads: no name can end the
    block or add a key.

    Examples:
        >>> print(front_matter({"library_name": "fieldwise", "tags": ["a: b"]}))
        ---
        library_name: "fieldwise"
        tags: ["a: b"]
        # license: choose one; until then nobody but you may use this ranker
        ---

    Args:
        metadata: plain JSON types.

    Returns:
        The block.
    """
    entries = [f"{key}: {_inline(value)}" for key, value in metadata.items()]
    note = "# license: choose one; until then nobody but you may use this ranker"
    return "\n".join(["---", *entries, note, "---"])


def _inline(value: Any) -> str:  # noqa: ANN401
    match value:
        case dict():
            items = (f"{_inline(key)}: {_inline(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case float():
            # To YAML 1e-05 is a text, and 1.0e-05 a number.
            text = repr(value)
            return re.sub(r"^(-?\d+)e", r"\1.0e", text)
    # YAML takes fewer letters than JSON: no separators of lines, no controls.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else " " for letter in text)
