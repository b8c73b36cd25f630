"""Which fits a curve consists of: one per set of fields and seed, whoever asks for it.

Methods agree on many of their first fields, and all of them on the whole table: a fit
is made once, under a name that is made of its fields.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from fieldwise._checks import check_positive
from fieldwise.comparison.plan import Job, with_seed
from fieldwise.errors import ConfigError
from fieldwise.importance import Importance
from fieldwise.training import FitSettings

__all__ = ["FieldFits", "default_grid", "field_set", "read_grid"]

STEPS = 6
"""Parts into which the default grid divides the number of fields."""


@final
@dataclass(frozen=True)
class FieldFits:
    """Fits of one model on different fields.

    Args:
        settings: how each of them is fitted; the seed is that of the job.
        fields: by name of the set; a job names the set in place of a model.
        jobs: all fits, each once.
    """

    settings: FitSettings
    fields: Mapping[str, tuple[str, ...]]
    jobs: tuple[Job, ...]

    @classmethod
    def of(
        cls,
        settings: FitSettings,
        orders: Mapping[Job, Importance],
        grid: Sequence[int],
        *,
        whole: Iterable[int] = (),
    ) -> "FieldFits":
        """Gather the fits that curves need.

        Args:
            settings: how each of them is fitted.
            orders: what each method found, by seed and method.
            grid: numbers of fields.
            whole: seeds of the fits on all fields.

        Returns:
            The fits, the first seeds first.
        """
        fields: dict[str, tuple[str, ...]] = {}
        jobs: dict[Job, None] = {}
        names = next(iter(orders.values())).names
        wanted = [
            (job.seed, importance.top(k).kept)
            for job, importance in orders.items()
            for k in grid
        ]
        for seed, kept in [*((seed, names) for seed in whole), *wanted]:
            name = field_set(kept)
            fields[name] = tuple(map(str, kept))
            jobs[Job(seed, name)] = None
        in_order = sorted(jobs, key=lambda job: job.seed)
        return cls(settings, fields, tuple(in_order))

    def settings_of(self, job: Job) -> FitSettings:
        """The settings of one fit.

        Args:
            job: the fit.

        Returns:
            The common ones, with its seed.
        """
        return with_seed(self.settings, job.seed)


def field_set(names: Iterable[object]) -> str:
    """Name a set of fields.

    Examples:
        >>> field_set(["site", "hour"]) == field_set(["hour", "site"])
        True
        >>> field_set(["site"])[:9]
        '1-fields-'

    Args:
        names: of the fields, in any order.

    Returns:
        A short text that can be part of a file's name.
    """
    ordered = sorted(map(str, names))
    checksum = hashlib.sha256(json.dumps(ordered).encode()).hexdigest()
    return f"{len(ordered)}-fields-{checksum[:16]}"


def default_grid(num_fields: int) -> tuple[int, ...]:
    """Choose numbers of fields where nobody says which.

    Examples:
        >>> default_grid(39), default_grid(3)
        ((7, 13, 20, 26, 33), (1, 2))

    Args:
        num_fields: of the table.

    Returns:
        Up to five numbers, evenly below that of all fields.
    """
    steps = {-(-num_fields * step // STEPS) for step in range(1, STEPS)}
    return tuple(sorted(steps - {num_fields})) or (num_fields,)


def read_grid(k: str | Sequence[int] | None, num_fields: int) -> tuple[int, ...]:
    """Read the numbers of fields that all methods are cut at.

    Examples:
        >>> read_grid("20, 5,10", 39)
        (5, 10, 20)

    Args:
        k: numbers, in a list or with commas between them; None for the default.
        num_fields: of the table.

    Returns:
        The numbers, each once, growing.

    Raises:
        ConfigError: if one is no number, or there are not so many fields.
    """
    if k is None:
        return default_grid(num_fields)
    given = k.split(",") if isinstance(k, str) else k
    try:
        numbers = {int(number) for number in given}
        for number in numbers:
            check_positive("k", number)
    except ValueError as error:
        message = f"k must be positive numbers with commas between them, got {k!r}."
        raise ConfigError(message) from error
    if not numbers or max(numbers) > num_fields:
        message = (
            f"k must be numbers of fields up to {num_fields}, which the table has, got "
            f"{sorted(numbers)}."
        )
        raise ConfigError(message)
    return tuple(sorted(numbers))
