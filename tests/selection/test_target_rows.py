"""Rows and a target that fit each other."""

import numpy as np
import pytest

from fieldwise.errors import DataError, SchemaError
from fieldwise.selection.target_rows import check_target
from tests.selection.rows import categories


def test_rows_encoded_alike_are_a_target():
    rows = categories([[0], [1]], sizes=(2,))

    check_target(rows, rows.take(np.array([1])))


def test_what_is_no_target_is_refused():
    rows = categories([[0], [1]], sizes=(2,))

    with pytest.raises(SchemaError, match="target must have the schema of rows"):
        check_target(rows, categories([[0]], sizes=(3,)))
    with pytest.raises(DataError, match="target must hold at least one row"):
        check_target(rows, rows.take(np.arange(0)))
    with pytest.raises(DataError, match="rows must hold at least one row"):
        check_target(rows.take(np.arange(0)), rows)
