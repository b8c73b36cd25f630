"""Numbers in a graph equal the reference, border by border."""

import numpy as np
import pytest

from fieldwise.data.numbers import (
    LARGEST_CODE,
    bucket,
    fit_numeric,
    log_square_code,
    standardise,
)
from fieldwise.schema import NumericField
from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.numeric_nodes import (
    add_bucket,
    add_numbers,
    log_square_borders,
)
from tests.serving.export.conftest import run_graph

ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1e-300, 2.0, -0.5]


def around(marks):
    """Each number, its neighbours in float64, and odd ones."""
    marks = np.asarray(marks, dtype=np.float64)
    return np.concatenate(
        [marks, np.nextafter(marks, np.inf), np.nextafter(marks, -np.inf), ODD]
    )


def test_code_changes_at_each_border_and_not_before():
    borders = log_square_borders()
    codes = np.arange(1 - LARGEST_CODE, LARGEST_CODE + 1)

    assert log_square_code(borders).tolist() == codes.tolist()
    below = np.nextafter(borders, -np.inf)
    assert log_square_code(below).tolist() == (codes - 1).tolist()
    # ln(x) ** 2 reaches 1 at e, so that the code of e is 3 + 1.
    assert borders[codes == 4] == pytest.approx(np.e, abs=1e-15)


@pytest.mark.parametrize("encoding", ["quantile", "log_square"])
@pytest.mark.parametrize("has_nulls", [True, False])
def test_buckets(encoding, has_nulls):
    values = np.random.default_rng(0).gamma(1, 40, 500).round(1)
    field = fit_numeric(
        NumericField("n", encoding, num_buckets=12), values, has_nulls=has_nulls
    )
    asked = around([*field.edges, *log_square_borders()])
    graph = GraphBuilder(["n"])

    end = add_bucket(graph, "n", field, 1000)

    with np.errstate(invalid="ignore"):
        wanted = 1000 + bucket(field, asked)
    assert run_graph(graph, {"n": asked}, end).tolist() == wanted.tolist()


def test_a_field_that_had_no_number():
    field = NumericField("n", "quantile", edges=(), num_features=2)
    graph = GraphBuilder(["n"])

    end = add_bucket(graph, "n", field, 5)

    found = run_graph(graph, {"n": np.array([1.0, np.nan])}, end)
    assert found.tolist() == [6, 5]


def test_standardised_numbers():
    generator = np.random.default_rng(1)
    columns = [
        generator.gamma(1, 30, 300),
        generator.normal(size=300) * 1e-9,
        np.append(generator.normal(size=299), np.nan),
    ]
    fields = [
        fit_numeric(NumericField(name, "standard"), column)
        for name, column in zip("abc", columns, strict=True)
    ]
    asked = [
        around([field.low, field.high, *column[:50]])
        for field, column in zip(fields, columns, strict=True)
    ]
    graph = GraphBuilder(["a", "b", "c"])

    end = add_numbers(graph, ["a", "b", "c"], fields)

    found = run_graph(graph, dict(zip("abc", asked, strict=True)), end)
    assert found.dtype == np.float32
    for place, (field, numbers) in enumerate(zip(fields, asked, strict=True)):
        wanted = standardise(field, numbers)
        if not field.has_nulls:
            wanted = np.nan_to_num(wanted, nan=0.0)
        np.testing.assert_allclose(found[:, place], wanted, rtol=2e-7, atol=1e-12)
