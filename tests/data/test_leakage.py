"""Planted leaks are found, honest tables are not accused."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from fieldwise.data import leakage
from fieldwise.data.leakage import (
    GIVEAWAY_AUC,
    LeakageWarning,
    duplicate_rows,
    label_giveaway,
    leaks_in_parts,
    looks_like_row_number,
)
from fieldwise.data.parts import divide
from fieldwise.data.splits import ColumnSplit
from fieldwise.errors import ShapeError
from fieldwise.schema import CategoricalField, Label, Schema

ROWS = 2000


@pytest.fixture
def labels():
    return np.random.default_rng(0).integers(0, 2, ROWS)


def found(labels, values):
    """Fields of a one-column table that are said to give the label away."""
    frame = pl.LazyFrame({"y": labels, "x": values})
    return label_giveaway(frame, "y", ["x"])


def test_duplicates_by_hand():
    frame = pl.LazyFrame(
        {
            "a": [1, 1, 2, 1, 1, 2, 3, 1],
            "b": ["x", "y", None, "x", "z", None, "x", "x"],
            "label": [0, 1, 0, 1, 0, 1, 0, 1],
        }
    )
    parts = np.array([0, 0, 0, 1, 1, 1, 2, 2], dtype=np.uint8)

    warnings = duplicate_rows(frame, parts, ["a", "b"])

    # valid: (1, x) and (2, null) of 3 rows stand in train; test: (1, x) of 2 rows
    assert [warning.value for warning in warnings] == [2 / 3, 1 / 2]
    assert "2 of 3 valid rows (66.7%)" in warnings[0].message
    assert "1 of 2 test rows (50.0%)" in warnings[1].message
    assert {warning.kind for warning in warnings} == {"duplicate_rows"}
    assert warnings[0].field is None


def test_rows_that_differ_in_one_column_are_no_duplicates():
    frame = pl.LazyFrame({"a": [1, 1], "b": [[1, 2], [1]], "c": [None, None]})
    parts = np.array([0, 1], dtype=np.uint8)

    assert duplicate_rows(frame, parts, ["a", "b", "c"]) == []
    assert len(duplicate_rows(frame, parts, ["a", "c"])) == 1


@pytest.mark.parametrize("columns", [[], ["missing"]])
def test_no_columns_no_duplicates(columns):
    frame = pl.LazyFrame({"a": [1, 1]})

    assert duplicate_rows(frame, np.array([0, 1], dtype=np.uint8), columns) == []


def test_duplicates_do_not_depend_on_chunks():
    table = pl.DataFrame({"a": np.arange(100) % 40})
    parts = (np.arange(100) >= 80).astype(np.uint8)
    pieces = pl.concat([table[:7], table[7:]], rechunk=False)

    expected = duplicate_rows(table.lazy(), parts, ["a"])

    assert duplicate_rows(pieces.lazy(), parts, ["a"]) == expected
    assert expected[0].value == 1.0


def test_parts_of_another_length():
    with pytest.raises(ShapeError, match=r"one code per row \(2\), got 3"):
        duplicate_rows(pl.LazyFrame({"a": [1, 2]}), np.zeros(3, np.uint8), ["a"])


def test_a_giveaway_number_is_found_in_both_directions(labels):
    noise = np.random.default_rng(1).uniform(0, 0.5, ROWS)

    (rising,) = found(labels, labels + noise)
    (falling,) = found(labels, -labels + noise)

    assert rising == LeakageWarning("label_giveaway", "x", rising.message, 1.0)
    assert falling.value == 1.0
    assert "field 'x' alone predicts label 'y' with an AUC of 1.0000" in rising.message


@pytest.mark.parametrize("names", [["no", "yes"], ["yes", "no"]])
def test_a_giveaway_name_is_found(labels, names):
    assert found(labels, np.array(names)[labels])[0].value == 1.0


def test_a_giveaway_code_without_order_is_found(labels):
    # 1 in the middle: no order of the numbers separates the labels.
    codes = np.random.default_rng(1).choice([0, 2], ROWS)

    assert found(labels, np.where(labels == 1, 1, codes))[0].value == 1.0


def test_a_field_that_is_null_for_one_label_is_found(labels):
    paid_at = [date(2024, 1, 1) + timedelta(i % 90) for i in range(ROWS)]
    known = [day if label else None for day, label in zip(paid_at, labels, strict=True)]

    assert found(labels, known)[0].value == 1.0
    assert found(labels, [float("nan") if y else 0.5 for y in labels])[0].value == 1.0


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: [f"user{i}" for i in range(ROWS)],
        lambda rng: [f"user{i}" for i in rng.integers(0, ROWS // 2, ROWS)],
        lambda rng: rng.permutation(ROWS) + 2**40,
        lambda rng: rng.normal(size=ROWS),
        lambda rng: [None] * ROWS,
        lambda rng: ["same"] * ROWS,
        lambda rng: [[1, 2]] * ROWS,
    ],
    ids=["unique", "pairs", "integers", "numbers", "nulls", "constant", "lists"],
)
def test_honest_fields_are_not_accused(labels, make):
    assert found(labels, make(np.random.default_rng(1))) == []


def test_alternating_labels_and_unique_names_are_not_accused():
    labels = np.arange(ROWS) % 2

    assert found(labels, [f"user{i}" for i in range(ROWS)]) == []


def test_pairs_of_one_positive_and_one_negative_row_are_not_accused():
    # Each group of two rows holds both labels: what one row of it teaches about the
    # other is always wrong.
    labels = np.arange(ROWS) % 2

    assert found(labels, [f"pair{i // 2}" for i in range(ROWS)]) == []


@pytest.mark.parametrize(("wrong", "is_accused"), [(9, True), (11, False)])
def test_threshold_on_a_nearly_perfect_field(wrong, is_accused):
    labels = np.repeat([0, 1], 500)
    values = labels.astype(float)
    values[:wrong] = 1

    warnings = found(labels, values)

    # A positive beats the 500 - wrong negatives at 0 and ties with the others:
    # AUC = (500 - wrong + wrong / 2) / 500, against a threshold of 0.99.
    expected = [(500 - wrong / 2) / 500] if is_accused else []
    assert [warning.value for warning in warnings] == pytest.approx(expected)


@pytest.mark.parametrize(
    "label",
    [
        [0, 1, 2] * 4,
        [0] * 12,
        [None] * 12,
        [0.5 * i for i in range(12)],
        [[0], [1]] * 6,
        ["a", "b", "c"] * 4,
    ],
)
def test_labels_that_are_not_binary_are_passed_over(label):
    frame = pl.LazyFrame({"y": label, "x": range(12)})

    assert label_giveaway(frame, "y", ["x"]) == []


@pytest.mark.parametrize(
    "label", [["no", "yes"], [False, True], [0.0, 1.0], [-1, 1], [0, 1]]
)
def test_every_kind_of_binary_label(label):
    values = [*label * 50, None]
    frame = pl.LazyFrame({"y": values, "x": [0, 1] * 50 + [0]}, strict=False)

    assert label_giveaway(frame, "y", ["x"])[0].value == 1.0


def test_unknown_columns_and_the_label_itself_are_passed_over():
    frame = pl.LazyFrame({"y": [0, 1], "x": [0, 1]})

    assert label_giveaway(frame, "y", ["y", "z"]) == []
    assert label_giveaway(frame, "z", ["x"]) == []


@pytest.mark.parametrize("num_rows", [10, 100, 101, 257, 999])
def test_sample_is_evenly_spaced(monkeypatch, num_rows):
    monkeypatch.setattr(leakage, "_SAMPLE_ROWS", 100)

    frame = pl.LazyFrame({"row": range(2 * num_rows)})
    is_even = pl.col("row") % 2 == 0
    rows = leakage._evenly_spaced(frame, ["row"], is_even)["row"] // 2

    assert len(rows) == min(num_rows, 100)
    steps = rows.diff().drop_nulls()
    assert steps.max() - steps.min() <= 1


def test_out_of_half_means_equal_a_plain_loop(labels):
    from sklearn.metrics import roc_auc_score

    from fieldwise.data._splitmix import splitmix64

    codes = np.random.default_rng(1).integers(0, 50, ROWS)
    rows = np.arange(ROWS, dtype=np.uint64)
    half = [int(bits) % 2 for bits in splitmix64(rows, 0)]
    aucs = []
    for scored in (1, 0):
        scores, truth = [], []
        others = [i for i in range(ROWS) if half[i] != scored]
        for i in range(ROWS):
            if half[i] == scored:
                same = [labels[j] for j in others if codes[j] == codes[i]]
                scores.append(np.mean(same or [labels[j] for j in others]))
                truth.append(labels[i])
        aucs.append(roc_auc_score(truth, scores))

    (value,) = leakage._out_of_half_aucs(codes, labels.astype(float))

    assert value == pytest.approx(np.mean(aucs), abs=1e-12)
    assert value < GIVEAWAY_AUC


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(100), True),
        (range(100, 0, -1), True),
        ([i for i in range(100) if i % 20], True),
        (range(0, 200, 2), False),
        ([*range(50), *range(50)], False),
        ([1, 0, *range(2, 50)], False),
        ([*range(50), None], False),
        ([0.0, 1.0, 2.0], False),
        (["1", "2", "3"], False),
        ([5], False),
        ([], False),
        ([2**63 - 1, 2**63, 2**63 + 1], True),
        ([2**63 + 1, 2**63, 2**63 - 1], True),
    ],
)
def test_row_numbers(values, expected):
    frame = pl.LazyFrame({"x": list(values)})

    assert looks_like_row_number(frame, "x") is expected
    assert looks_like_row_number(frame, "y") is False


def test_all_signs_in_a_divided_table(caplog):
    frame = pl.LazyFrame(
        {
            "part": ["train"] * 100 + ["test"] * 20,
            "site": ["a", "b"] * 60,
            "click": [0, 1] * 60,
        }
    )
    binary = Label("click", kind="binary", positive=1)
    parts = divide(frame, ColumnSplit("part"))

    with caplog.at_level("WARNING", logger="fieldwise"):
        found = leaks_in_parts(parts, Schema((CategoricalField("site"),), (binary,)))

    copies, status = found
    assert "20 of 20 test rows" in copies
    assert "field 'site' alone predicts label 'click'" in status
    assert [record.message for record in caplog.records] == found
