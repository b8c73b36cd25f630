"""The file of a diagnosis, damaged in every way."""

import pytest

from fieldwise.diagnosis import Diagnosis
from fieldwise.errors import DataError

EMPTY = Diagnosis("test", 0, {}, {}, [], {}, {}, None, 0)


def test_round_trip(tmp_path):
    EMPTY.save(tmp_path)

    assert Diagnosis.load(tmp_path).to_dict() == EMPTY.to_dict()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": 1}'])
def test_damaged_file(text, tmp_path):
    (tmp_path / "diagnosis.json").write_text(text)

    with pytest.raises(DataError, match="must be a diagnosis"):
        Diagnosis.load(tmp_path)


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match=r"must be a diagnosis.*Fit the ranker again"):
        Diagnosis.load(tmp_path)


def test_newer_format():
    newer = EMPTY.to_dict() | {"format_version": 2}

    with pytest.raises(DataError, match="must have format 1, got 2"):
        Diagnosis.from_dict(newer)
