"""The sizes of a public benchmark, against which totals of parameters are known."""

import pytest

from fieldwise.schema import CategoricalField, Label, Schema


@pytest.fixture
def frappe_schema():
    """Ten fields with 5,389 features in all, as many as the Frappe data set has."""
    sizes = [957, 4082, *[44] * 7, 42]
    fields = (
        CategoricalField(f"field{place}", num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    return Schema(tuple(fields), (Label("click", "binary", positive=1),))
