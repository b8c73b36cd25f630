"""Rows that others are chosen for."""

from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError, SchemaError

__all__ = ["check_target"]


def check_target(rows: Dataset, target: Dataset) -> None:
    """Check that rows can be chosen for a target.

    Args:
        rows: what is chosen from.
        target: what they are chosen for.

    Raises:
        DataError: if there are no rows, or no target rows.
        SchemaError: if both were not encoded alike.
    """
    if rows.schema != target.schema:
        message = (
            "target must have the schema of rows, got another. Encode both with one "
            "encoder."
        )
        raise SchemaError(message)
    for name, dataset in (("rows", rows), ("target", target)):
        if not len(dataset):
            message = f"{name} must hold at least one row, got none."
            raise DataError(message)
