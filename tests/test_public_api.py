"""What ``import fieldwise`` offers, and what it does not load."""

import subprocess
import sys

import pytest

import fieldwise

PUBLIC = [
    "CategoricalField",
    "ColumnSplit",
    "Comparison",
    "FieldwiseClassifier",
    "FieldwiseRanker",
    "FieldwiseRegressor",
    "GroupSplit",
    "Importance",
    "Label",
    "MODELS",
    "NumericField",
    "Predictions",
    "RandomSplit",
    "Ranker",
    "Recipe",
    "Schema",
    "Selection",
    "SequenceField",
    "TimeSplit",
    "Trainer",
    "VectorField",
    "__version__",
    "compare",
    "explain",
    "fit",
    "inspect",
    "load",
    "read_table",
]


def test_the_public_names():
    assert sorted(fieldwise.__all__) == PUBLIC
    assert dir(fieldwise) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there(name):
    assert getattr(fieldwise, name) is not None


def test_load_is_the_rankers():
    assert fieldwise.load == fieldwise.Ranker.load


def test_unknown_names():
    with pytest.raises(AttributeError, match="'fieldwise' has no attribute 'fitt'"):
        _ = fieldwise.fitt


def test_importing_is_light():
    code = (
        "import sys, fieldwise, fieldwise.errors\n"
        "heavy = {'torch', 'polars', 'pandas', 'pyarrow', 'sklearn', 'numpy',"
        " 'lightning_fabric'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert found.stdout.strip() == "[]"
