"""From a selection of rows to rows that can be trained on."""

from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError
from fieldwise.importance import Selection

__all__ = ["rows_of"]


def rows_of(selection: Selection, dataset: Dataset) -> Dataset:
    """Copy the selected rows into memory.

    Examples:
        >>> import numpy as np
        >>> from fieldwise.importance import RowNames
        >>> from fieldwise.schema import CategoricalField, Schema
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> rows = np.array([[0], [2], [1]], dtype=np.int32)
        >>> dataset = Dataset(Schema((field,)), rows, labelled=False)
        >>> chosen = Selection("row", RowNames([1, 2]), RowNames.first(3))
        >>> rows_of(chosen, dataset).rows.tolist()
        [[2], [1]]

    Args:
        selection: of the rows of this dataset, each of them kept or not.
        dataset: the rows that were chosen from.

    Returns:
        The kept rows, in their order.

    Raises:
        DataError: if the selection is not one of so many rows.
    """
    rows = selection.rows
    if len(selection.names) != len(dataset):
        message = (
            f"selection must be of {len(dataset)} rows, as the dataset has, got one of "
            f"{len(selection.names)}. Select from the rows you train on."
        )
        raise DataError(message)
    return dataset.take(rows)
