"""What a search leaves to the training that follows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, final

from torch import nn

from fieldwise.importance import Importance, Selection
from fieldwise.training.history import History

__all__ = ["SearchResult"]


def _nothing(model: nn.Module) -> None:
    """Leave a model as it is."""


@final
@dataclass(frozen=True)
class SearchResult:
    """The form a model shall have, and what led to it.

    Args:
        arguments: of the model to train, beside the schema: plain JSON types.
        prepare: called with the model before it is trained.
        finish: called with the model when it is trained.
        importance: what was found to matter; None where nothing was searched.
        selection: what was chosen, by a search or by the caller; None where nothing
            was to choose.
        history: of the training of the search; None where there was none.
    """

    arguments: Mapping[str, Any]
    prepare: Callable[[nn.Module], None] = _nothing
    finish: Callable[[nn.Module], None] = _nothing
    importance: Importance | None = None
    selection: Selection | None = None
    history: History | None = None

    def to_dict(self) -> dict[str, Any]:
        """What was found, as plain JSON types; what there is not is left out."""
        found = {
            "importance": self.importance,
            "selection": self.selection,
            "search_history": self.history,
        }
        return {
            name: part.to_dict() for name, part in found.items() if part is not None
        }
