"""Polars' names for column types, for annotations.

The tests check annotations at run time, and beartype refuses these two classes: their
``repr`` is not the one it expects. So they are real to mypy and ``object`` to the
running program.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polars import DataType, Schema
else:
    DataType = object
    Schema = object

__all__ = ["DataType", "Schema"]
