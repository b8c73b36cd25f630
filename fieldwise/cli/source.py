"""From a checked configuration to the arguments that name the table and its columns."""

from typing import TYPE_CHECKING, Any

from fieldwise.cli.config import one_or_all

if TYPE_CHECKING:
    from fieldwise.cli.config import RunConfig

__all__ = ["source_arguments"]


def source_arguments(run: "RunConfig") -> dict[str, Any]:
    """Gather what ``fit`` and ``compare`` are told about the rows.

    Args:
        run: the configuration.

    Returns:
        Arguments by name. Where guesses are replaced, the table was looked at, and a
        schema stands in place of the roles of columns.
    """
    from fieldwise.data.readers import read_table
    from fieldwise.schema import Schema

    data = run.data
    table = one_or_all(data.path)
    roles: dict[str, Any] = {
        "label": data.label,
        "weight": data.weight,
        "group": data.group,
        "time": data.time,
        "ignore": data.ignore,
    }
    if run.overrides:
        roles["ignore"] = data.hidden
        frame = read_table(table)
        roles = {"schema": Schema.infer(frame, **roles, overrides=run.overrides)}
    return {
        "data": table,
        **roles,
        "valid": None if data.valid is None else one_or_all(data.valid),
        "split": data.split,
        "calibration": run.calibration.method,
        "negative_rate": run.calibration.negative_rate,
    }
