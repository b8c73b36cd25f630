"""The rankings that can be asked for by name, and what each must give."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from fieldwise.errors import ConfigError, DataError
from fieldwise.importance import Importance
from fieldwise.selection import RankingData

__all__ = ["RanksFields", "choose_methods", "rank_fields"]


@runtime_checkable
class RanksFields(Protocol):
    """A way to rank fields, as ``fieldwise.selection.rankers`` holds them."""

    @property
    def rank(self) -> Callable[..., Importance]:
        """Takes ``RankingData`` and ``seed=``, and gives a score to every field."""
        ...  # pragma: no cover


Methods = str | Sequence[str] | Mapping[str, RanksFields]


def choose_methods(methods: Methods) -> dict[str, RanksFields]:
    """Read the names of methods.

    Args:
        methods: names in ``RANKERS``, in a list or with commas between them; or
            methods by name.

    Returns:
        Each method once, in the order given.

    Raises:
        ConfigError: if a name is unknown, listing all that there are, or there is none.
    """
    if isinstance(methods, Mapping):
        chosen = dict(methods)
    else:
        given = methods.split(",") if isinstance(methods, str) else methods
        chosen = _by_name([name.strip() for name in given if name.strip()])
    if not chosen:
        message = "methods must be one at least, got none."
        raise ConfigError(message)
    return chosen


def _by_name(names: Sequence[str]) -> dict[str, RanksFields]:
    # Methods of one's own need none of the package's, nor what those import.
    from fieldwise.selection.rankers import RANKERS

    if unknown := [name for name in names if name not in RANKERS]:
        message = f"methods must be among {', '.join(RANKERS)}, got {unknown}."
        raise ConfigError(message)
    return {name: RANKERS[name] for name in names}


def rank_fields(
    method: RanksFields, data: RankingData, *, seed: int, name: str
) -> Importance:
    """Rank fields, and see that every one of them has a score.

    Args:
        method: what ranks.
        data: rows by purpose; no test row is among them.
        seed: of everything random.
        name: of the method, for an error.

    Returns:
        The scores.

    Raises:
        DataError: if the scores are not those of the fields.
    """
    importance = method.rank(data, seed=seed)
    if importance.unit != "field" or set(importance.names) != set(data.schema.names):
        message = (
            f"method {name!r} must give a score to every field, got {importance.unit}s "
            f"{list(importance.names)[:10]}."
        )
        raise DataError(message)
    return importance
