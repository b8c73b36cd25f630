"""What a ranker tells of the search that came before its training.

A search of the model itself, for pairs of fields, and a choice of fields made before it
are different things: a ranker may have both.
"""

from fieldwise.importance import Importance, Selection
from fieldwise.ranker.ranker import Ranker

__all__ = ["field_importance_of", "field_selection_of", "importance_of", "selection_of"]


def importance_of(ranker: Ranker) -> Importance | None:
    """What the search of a ranker found to matter.

    Args:
        ranker: a fitted or loaded ranker.

    Returns:
        The importance; None where nothing was searched.
    """
    return _importance(ranker, "importance")


def selection_of(ranker: Ranker) -> Selection | None:
    """What a ranker kept, by a search of its own or as ``fit`` was told.

    Args:
        ranker: a fitted or loaded ranker.

    Returns:
        The selection; None where nothing was to choose.
    """
    return _selection(ranker, "selection")


def field_importance_of(ranker: Ranker) -> Importance | None:
    """By which scores the fields of a ranker were chosen.

    Args:
        ranker: a fitted or loaded ranker.

    Returns:
        A score for each field there was; None where ``fit`` did not rank them.
    """
    return _importance(ranker, "field_importance")


def field_selection_of(ranker: Ranker) -> Selection | None:
    """Which fields a ranker was fitted on, of those there were.

    Args:
        ranker: a fitted or loaded ranker.

    Returns:
        The selection; None where all fields were used.
    """
    return _selection(ranker, "field_selection")


def _importance(ranker: Ranker, name: str) -> Importance | None:
    found = ranker.info.get(name)
    return None if found is None else Importance.from_dict(found)


def _selection(ranker: Ranker, name: str) -> Selection | None:
    found = ranker.info.get(name)
    return None if found is None else Selection.from_dict(found)
