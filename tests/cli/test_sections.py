"""Sections know what the code knows."""

from typing import get_args

import pytest

from fieldwise.calibration import CALIBRATORS
from fieldwise.cli.sections import (
    CalibrationSection,
    DataSection,
    FieldSection,
    did_you_mean,
    problems_of,
    section_of,
)
from fieldwise.schema.field import FIELD_KINDS, NUMERIC_ENCODINGS


def build(*, dims: list[int], clip: float | None = 10.0, share: float = 0.5):
    """Stand in for a model."""


def problems(section, values):
    return dict(problems_of(section, values, ("part",)))


def choices(section, name):
    annotation = section.model_fields[name].annotation
    inner = [get_args(part) or (part,) for part in get_args(annotation)]
    return {choice for part in inner for choice in part} - {type(None)}


def test_choices_are_those_of_the_code():
    assert choices(FieldSection, "kind") == {*FIELD_KINDS, "ignored"}
    assert choices(FieldSection, "encoding") == set(NUMERIC_ENCODINGS)
    assert choices(CalibrationSection, "method") == {"auto", *CALIBRATORS}


def test_settings_of_fields_are_those_of_the_code():
    known = {"min_count", "max_size", "max_length", "num_buckets", "vector_dim"}

    assert set(FieldSection.model_fields) == known | {"kind", "encoding"}
    for name in known:
        assert any(name in kind.__slots__ for kind in FIELD_KINDS.values())


def test_section_of_a_function():
    section = section_of(build)

    assert section.model_validate({"dims": [1, 2]}).model_dump() == {
        "dims": [1, 2],
        "clip": 10.0,
        "share": 0.5,
    }


def test_none_is_a_word():
    values = section_of(build).model_validate({"dims": [], "clip": "none"})

    assert values.clip is None
    assert (
        "share"
        in problems(section_of(build), {"dims": [], "share": "none"})[("part", "share")]
    )


def test_a_name_is_a_list_of_one():
    assert DataSection.model_validate({"label": "click"}).label == ["click"]


def test_hidden_columns():
    data = DataSection.model_validate({"ignore": ["a"], "split": "part"})

    assert data.hidden == ["a", "part"]
    assert DataSection().hidden == []


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"dims": [], "share": "x"}, "part.share must be a valid number, got 'x'."),
        ({"dims": 3}, "part.dims must be a valid list, got 3."),
        ({"dims": [], "clipp": 1}, "unknown key part.clipp. Did you mean 'clip'?"),
    ],
)
def test_problems_in_words(values, text):
    assert list(problems(section_of(build), values).values()) == [text]


def test_did_you_mean():
    assert did_you_mean("lable", ["label", "time"]) == "Did you mean 'label'?"
    assert did_you_mean("zzz", ["label", "time"]) == "Known are label, time."
