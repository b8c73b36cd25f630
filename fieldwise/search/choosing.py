"""From a ranking to the fields or rows that ``fieldwise.fit`` keeps."""

import logging
from collections.abc import Callable, Mapping

from fieldwise._checks import check_positive
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.errors import ConfigError
from fieldwise.fitting import Choose
from fieldwise.importance import Importance, Selection
from fieldwise.search.methods import RanksFields, choose_methods, rank_fields
from fieldwise.selection import RankingData
from fieldwise.training.processes import num_processes

__all__ = ["choose_fields", "choose_rows"]

_LOG = logging.getLogger("fieldwise")
SEEN = ("train", "valid")
"""Parts that a choice may look at."""


def choose_fields(
    method: str | Mapping[str, RanksFields], num_fields: int, *, seed: int = 0
) -> Choose:
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


def choose_rows(
    rank: Callable[[Mapping[str, Dataset]], Importance], share: float
) -> Choose:
    """Make a function that ranks training rows and keeps the first ones.

    Vocabularies are those of all training rows; held-out rows stay as they are.

    Examples:
        ``fieldwise.fit("log.parquet", label="click", time="day",
        selection=choose_rows(lambda parts: rank_by_dsir(parts["train"],
        parts["valid"]), 0.25))`` learns from the quarter of the rows that DSIR draws
        for the latest ones, see ``fieldwise.selection.dsir``.

    Args:
        rank: takes the encoded parts that are not tested on, by name; gives a score to
            every row of ``train``.
        share: of the training rows to keep, in (0, 1]; one row at least.

    Returns:
        The function, to be given to ``fieldwise.fit`` as its selection.

    Raises:
        ValueError: if the share is out of range.
    """
    if not 0 < share <= 1:
        message = f"share must be in (0, 1], got {share}."
        raise ValueError(message)

    def choose(encoded: EncodedParts) -> tuple[Importance, Selection]:
        parts = encoded.datasets
        seen = {name: parts[name] for name in SEEN if name in parts}
        importance = rank(seen)
        return importance, importance.top(max(1, round(share * len(importance))))

    return choose
