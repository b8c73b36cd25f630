"""Every importance that the folder of a run holds, in whichever form."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldwise.errors import DataError
from fieldwise.importance import Importance, mean_rank

__all__ = ["IMPORTANCES", "read_importances", "read_rankings"]

IMPORTANCES, RANKINGS, ABOUT = "importances", "rankings", "about.json"

_LOG = logging.getLogger("fieldwise")


def read_importances(folder: Path, info: Mapping[str, Any]) -> list[Importance]:
    """Read the importances of a run.

    They are those of ``importances/`` and the folders in it, as ``Importance.save``
    writes them in folders or as ``Importance.to_dict`` in JSON files, and those a
    ranker tells of. What ``fieldwise explain --out`` writes is such a folder.

    Args:
        folder: of the run.
        info: of the ranker.

    Returns:
        The importances; what cannot be read is told in the log and left out.
    """
    found = []
    for path in sorted((folder / IMPORTANCES).rglob("*.json")):
        try:
            is_folder = path.name == ABOUT
            found.append(
                Importance.load(path.parent) if is_folder else _from_json(path)
            )
        except (DataError, OSError, ValueError) as error:
            _LOG.warning(f"{path} is left out of the report: {error}")
    for name in ("importance", "field_importance"):
        if info.get(name) is not None:
            found.append(Importance.from_dict(info[name]))
    return found


def read_rankings(folder: Path, methods: Sequence[str]) -> list[Importance]:
    """Read the rankings of a curve, those of several seeds as their mean rank.

    Args:
        folder: of the curve.
        methods: names of the methods; controls are left out.

    Returns:
        One importance per method.
    """
    by_method: dict[str, list[Importance]] = {method: [] for method in methods}
    for path in sorted((folder / RANKINGS).glob("*.json")):
        method = path.stem.rpartition("-")[0]
        if method not in by_method:
            continue
        try:
            by_method[method].append(_from_json(path))
        except (DataError, OSError, ValueError) as error:
            _LOG.warning(f"{path} is left out of the report: {error}")
    return [_joined(method, each) for method, each in by_method.items() if each]


def _joined(method: str, found: Sequence[Importance]) -> Importance:
    """One importance of all seeds, called like the method."""
    if len(found) == 1:
        return found[0]
    meaning = f"share of the other fields below it, mean over {len(found)} seeds"
    return replace(mean_rank(found), method=method, meaning=meaning)


def _from_json(path: Path) -> Importance:
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        message = f"{path.name} must hold an importance, got a {type(content)}."
        raise DataError(message)
    return Importance.from_dict(content.get("importance", content))
