"""The file that says what is compared."""

import json

import pytest

from fieldwise.comparison.manifest import MANIFEST, agree
from fieldwise.errors import DataError

FIRST = {"recipe": {"num_epochs": 2}, "model": {"lr": {}}}


def test_models_are_added(tmp_path):
    agree(tmp_path, FIRST)
    agree(tmp_path, {**FIRST, "model": {"fm": {"embedding_dim": 4}}})

    known = json.loads((tmp_path / MANIFEST).read_text("utf-8"))

    assert known["identity"]["model"] == {"lr": {}, "fm": {"embedding_dim": 4}}
    with pytest.raises(DataError, match=r"fm\.embedding_dim: 4 there, 5 here"):
        agree(tmp_path, {**FIRST, "model": {"fm": {"embedding_dim": 5}}})
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_another_comparison_is_refused(tmp_path):
    agree(tmp_path, FIRST)

    with pytest.raises(DataError, match=r"same comparison.*num_epochs: 2 there, 3"):
        agree(tmp_path, {**FIRST, "recipe": {"num_epochs": 3}})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"format_version": 1}',
        '{"format_version": 9, "identity": {"model": {}}}',
    ],
)
def test_damaged_or_newer(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text, "utf-8")

    with pytest.raises(DataError, match=MANIFEST):
        agree(tmp_path, FIRST)
