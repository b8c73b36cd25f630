"""What is written is what the standard library reads."""

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldwise.cli.toml import dotted, dump_toml
from fieldwise.errors import ConfigError

# A lone half of a surrogate pair is no text in UTF-8, so it is no TOML either.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
LISTS = st.lists(SCALARS, max_size=3) | st.lists(st.lists(SCALARS, max_size=2))
TABLES = st.recursive(
    st.dictionaries(TEXTS, SCALARS | LISTS, max_size=3),
    lambda inner: st.dictionaries(TEXTS, SCALARS | LISTS | inner, max_size=3),
    max_leaves=8,
)


def test_form():
    text = dump_toml(
        {
            "fields": {"page.site": {"kind": "categorical"}},
            "recipe": {"learning_rate": 1e-06, "seed": 0, "clip": True},
            "title": "no section",
        }
    )

    # What has no section comes first, or it would belong to the last one.
    assert text == (
        'title = "no section"\n'
        '\n[fields."page.site"]\nkind = "categorical"\n'
        "\n[recipe]\nlearning_rate = 1e-06\nseed = 0\nclip = true\n"
    )


@settings(deadline=None)
@given(TABLES)
def test_round_trip(table):
    read = tomllib.loads(dump_toml(table))

    assert read == table
    # JSON tells 1, 1.0 and true from each other, and -0.0 from 0.0.
    assert json.dumps(read, sort_keys=True) == json.dumps(table, sort_keys=True)


def test_tuples_become_lists():
    assert tomllib.loads(dump_toml({"dims": (64, 32)})) == {"dims": [64, 32]}


def test_empty():
    assert tomllib.loads(dump_toml({})) == {}
    assert tomllib.loads(dump_toml({"fields": {"site": {}}})) == {
        "fields": {"site": {}}
    }


def test_dotted():
    assert dotted(("a", "b c", "")) == 'a."b c".""'


@pytest.mark.parametrize("value", [None, object(), {1, 2}])
def test_what_toml_has_no_word_for(value):
    with pytest.raises(ConfigError, match=r"recipe\.clip must be a string, number"):
        dump_toml({"recipe": {"clip": value}})
