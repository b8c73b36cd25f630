"""From the name of a ranking to fields that ``fieldwise.fit`` keeps."""

import logging
from collections.abc import Mapping

from fieldwise._checks import check_positive
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.errors import ConfigError
from fieldwise.fitting import ChooseFields
from fieldwise.importance import Importance, Selection
from fieldwise.search.methods import RanksFields, choose_methods, rank_fields
from fieldwise.selection import RankingData
from fieldwise.training.processes import num_processes

__all__ = ["choose_fields"]

_LOG = logging.getLogger("fieldwise")


def choose_fields(
    method: str | Mapping[str, RanksFields], num_fields: int, *, seed: int = 0
) -> ChooseFields:
    """Make a function that ranks the fields of a table and keeps the first ones.

    The table is encoded once: it is ranked on the training and validation rows, and
    then reduced to the fields that are kept.

    Examples:
        ``fieldwise.fit("clicks.parquet", label="click",
        selection=choose_fields("shark", 20))`` fits a ranker on the twenty fields that
        SHARK finds most important.

    Args:
        method: name in ``fieldwise.selection.rankers.RANKERS``; or one method by name.
        num_fields: how many fields are kept.
        seed: of everything random in the ranking, and of the two halves of the
            validation rows.

    Returns:
        The function, to be given to ``fieldwise.fit`` as its selection.

    Raises:
        ConfigError: if the method is unknown, naming all that there are, or this is
            one of several processes.
        ValueError: if the number is not positive.
    """
    check_positive("num_fields", num_fields)
    chosen = choose_methods(method)
    if len(chosen) > 1:
        message = f"method must be one, got {', '.join(chosen)}."
        raise ConfigError(message)
    if num_processes() > 1:
        message = (
            "fields must be chosen in one process, got several. Choose them first, and "
            "pass the Selection to fit."
        )
        raise ConfigError(message)
    [(name, ranks)] = chosen.items()

    def choose(encoded: EncodedParts) -> tuple[Importance, Selection]:
        total = len(encoded.encoder.schema)
        if num_fields > total:
            message = (
                f"num_fields must be at most {total}, the fields of the table, got "
                f"{num_fields}."
            )
            raise ConfigError(message)
        _LOG.info("ranking %d fields by %s", total, name)
        data = RankingData.of(encoded.datasets, seed=seed)
        importance = rank_fields(ranks, data, seed=seed, name=name)
        return importance, importance.top(num_fields)

    return choose
