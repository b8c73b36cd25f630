"""What a ranker tells of the search that came before its training."""

from fieldwise.importance import Importance, Selection
from fieldwise.ranker.ranker import Ranker

__all__ = ["importance_of", "selection_of"]


def importance_of(ranker: Ranker) -> Importance | None:
    """What the search of a ranker found to matter.

    Args:
        ranker: a fitted or loaded ranker.

    Returns:
        The importance; None where nothing was searched.
    """
    found = ranker.info.get("importance")
    return None if found is None else Importance.from_dict(found)


def selection_of(ranker: Ranker) -> Selection | None:
    """What a ranker kept, by a search of its own or as ``fit`` was told.

    Args:
        ranker: a fitted or loaded ranker.

    Returns:
        The selection; None where nothing was to choose.
    """
    found = ranker.info.get("selection")
    return None if found is None else Selection.from_dict(found)
