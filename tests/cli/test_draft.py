"""Files, options and --set before anything is checked."""

import pytest

from fieldwise.cli.draft import Draft
from fieldwise.errors import ConfigError


@pytest.fixture
def draft():
    return Draft()


def write(tmp_path, text):
    path = tmp_path / "run.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_last_to_speak_wins(draft, tmp_path):
    draft.add_file(
        write(tmp_path, '[data]\nlabel = "a"\ntime = "t"\n[model]\nname = "fm"')
    )
    draft.add_options("data", {"label": ["b"], "time": None, "ignore": []})
    draft.add_settings(["model.name=lr"])

    assert draft.values == {
        "data": {"label": ["b"], "time": "t"},
        "model": {"name": "lr"},
    }
    assert draft.origin(("data", "label")) == "command line"
    assert draft.origin(("data", "time")).endswith("run.toml")
    assert draft.origin(("model", "name")) == "--set"


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("recipe.learning_rate=0.01", {"recipe": {"learning_rate": 0.01}}),
        ("recipe.optimizer=adam", {"recipe": {"optimizer": "adam"}}),
        ('recipe.optimizer="adam"', {"recipe": {"optimizer": "adam"}}),
        ("model.hidden_dims=[64, 32]", {"model": {"hidden_dims": [64, 32]}}),
        ("model.batch_norm=true", {"model": {"batch_norm": True}}),
        ("data.path=a=b.csv", {"data": {"path": "a=b.csv"}}),
        ("data.split=", {"data": {"split": ""}}),
        ('fields."a.b".min_count = 5', {"fields": {"a.b": {"min_count": 5}}}),
    ],
)
def test_settings(draft, setting, values):
    draft.add_settings([setting])

    assert draft.values == values


def test_all_wrong_settings_are_listed(draft):
    with pytest.raises(
        ConfigError, match=r"got 'a'.*got 'b=1'.*got '\.c=1'.*For example"
    ):
        draft.add_settings(["a", "b=1", ".c=1"])


def test_empty_table_is_kept(draft, tmp_path):
    draft.add_file(write(tmp_path, "[fields.site]\n"))

    assert draft.section("fields") == {"site": {}}
    assert draft.section("data") == {}


def test_a_value_in_place_of_a_section(draft):
    draft.add(("recipe",), 3, "run.toml")

    assert draft.section("recipe") == {}

    draft.add(("recipe", "seed"), 1, "--set")

    assert draft.section("recipe") == {"seed": 1}


def test_origin_of_what_nobody_said(draft):
    assert draft.origin(("data", "label")) == "command line"

    draft.add(("data", "path"), "x", "run.toml")

    assert draft.origin(("data", "label")) == "run.toml"


def test_no_file(draft, tmp_path):
    with pytest.raises(ConfigError, match=r"config must be a readable file, got '.*x'"):
        draft.add_file(tmp_path / "x")


def test_no_toml(draft, tmp_path):
    with pytest.raises(ConfigError, match=r"run\.toml must be TOML: .*line 1"):
        draft.add_file(write(tmp_path, "label: click"))


def test_no_text(draft, tmp_path):
    path = tmp_path / "run.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match="readable file"):
        draft.add_file(path)


def test_gathered_in_the_order_in_which_it_wins(tmp_path):
    path = write(tmp_path, '[data]\nlabel = "a"\n[model]\nname = "fm"')

    draft = Draft.gather(path, {"model": {"name": "lr"}}, ["model.name=dnn"])

    assert draft.values == {"data": {"label": "a"}, "model": {"name": "dnn"}}
    assert Draft.gather(None, {}, None).values == {}


def test_leaves(draft):
    draft.add(("recipe",), 3, "run.toml")
    draft.add(("recipe", "seed"), 1, "--set")
    draft.add(("model", "fm", "dim"), 4, "run.toml")
    draft.add(("model",), 7, "--set")

    # What was replaced by its own section is told as that section.
    assert list(draft.leaves()) == [
        (("recipe",), {"seed": 1}, "run.toml"),
        (("recipe", "seed"), 1, "--set"),
        (("model",), 7, "--set"),
    ]
