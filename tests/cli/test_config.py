"""A configuration is checked whole before anything is read."""

import tomllib

import pytest

from fieldwise.cli.config import check_columns, check_config, one_or_all
from fieldwise.cli.draft import Draft
from fieldwise.cli.toml import dump_toml
from fieldwise.errors import ConfigError
from fieldwise.models import model_arguments
from fieldwise.training import Recipe

WHOLE = """
[data]
path = ["a.parquet", "b.parquet"]
label = "click"
weight = "w"
group = "g"
time = "t"
ignore = ["x"]
split = "part"
valid = "v.csv"

[fields.hour]
kind = "numeric"
encoding = "quantile"

[fields."a.b"]
min_count = 5

[model]
name = "dnn"
hidden_dims = [8, 4]

[recipe]
learning_rate = 1
clip_norm = "none"

[calibration]
method = "platt"
negative_rate = 0.5
"""


@pytest.fixture
def draft(tmp_path):
    def read(text):
        path = tmp_path / "run.toml"
        path.write_text(text, "utf-8")
        draft = Draft()
        draft.add_file(path)
        return draft

    return read


def resolved(config):
    recipe = Recipe(**config.recipe).to_dict()
    return config.resolved(model_arguments=config.model_arguments, recipe=recipe)


def test_every_setting_arrives(draft):
    config = check_config(draft(WHOLE))

    assert config.data.path == ["a.parquet", "b.parquet"]
    assert config.data.label == ["click"]
    assert config.data.hidden == ["x", "part"]
    assert config.overrides == {
        "hour": {"kind": "numeric", "encoding": "quantile"},
        "a.b": {"min_count": 5},
    }
    assert config.model == "dnn"
    assert config.model_arguments == {"hidden_dims": [8, 4]}
    assert config.recipe == {"learning_rate": 1, "clip_norm": None}
    assert (config.calibration.method, config.calibration.negative_rate) == (
        "platt",
        0.5,
    )


def test_resolved_configuration_reads_back_as_itself(draft, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = resolved(check_config(draft(WHOLE)))
    text = dump_toml(first)

    again = resolved(check_config(draft(text)))

    assert again == first
    assert first["model"] == {
        "name": "dnn",
        **model_arguments("dnn"),
        "hidden_dims": [8, 4],
    }
    assert set(first["recipe"]) == set(Recipe().to_dict())
    assert first["recipe"]["clip_norm"] == "none"
    assert first["data"]["path"][0] == str(tmp_path / "a.parquet")
    assert tomllib.loads(text)["data"]["label"] == "click"


def test_defaults(draft):
    config = check_config(draft('[data]\npath = "s3://a.parquet"\nlabel = "y"'))

    assert (config.model, config.model_arguments, config.recipe) == ("dcnv2", {}, {})
    assert resolved(config)["data"] == {"path": "s3://a.parquet", "label": "y"}


def test_all_problems_at_once(draft):
    text = WHOLE.replace("label =", "lable =").replace("min_count", "min_cnt")
    text = text.replace("hidden_dims = [8, 4]", 'hiden_dims = [8]\ndropout = "x"')
    text = text.replace("learning_rate = 1", "learning_rat = 1\nseed = 1.5")
    text = text.replace('"platt"', '"plat"').replace("[calibration]", "[calibrations]")
    file = r"run\.toml: "

    with pytest.raises(ConfigError) as error:
        check_config(draft(text + "\n[calibration]\nmethod = 3\n"))

    for problem in (
        file + r"unknown key calibrations\. Did you mean 'calibration'\?",
        file + r"unknown key data\.lable\. Did you mean 'label'\?",
        file + r"data\.label must be given",
        file + r'unknown key fields\."a\.b"\.min_cnt\. Did you mean \'min_count\'\?',
        file + r"unknown key model\.hiden_dims\. Did you mean 'hidden_dims'\?",
        file + r"model\.dropout must be a valid number, got 'x'\.",
        file + r"unknown key recipe\.learning_rat\. Did you mean 'learning_rate'\?",
        file + r"recipe\.seed must be a valid integer, got 1\.5\.",
        file + r"calibration\.method must be 'auto'.*, got 3\.",
    ):
        error.match(problem)


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("model.name=dcnv", r"--set: model\.name must be a model, got 'dcnv'.*'dcnv2'"),
        ("model.name=[1]", r"model\.name must be a model, got \[1\]\. Known are"),
        ("recipe.learning_rate=-1", r"--set: in \[recipe\] learning_rate must be pos"),
        ("recipe.clip_norm=no", r"recipe\.clip_norm must be a valid number, got 'no'"),
        ("data.label=3", r"data\.label must be a valid list, got 3\."),
        ("fields.hour=numeric", r"fields\.hour must be a table \[fields\.hour\], got"),
        ("fields.hour.kind=number", r"fields\.hour\.kind must be 'categorical'"),
        ("calibration.negative_rate=x", r"calibration\.negative_rate must be"),
    ],
)
def test_one_problem(draft, setting, text):
    one = draft(WHOLE)
    one.add_settings([setting])

    with pytest.raises(ConfigError, match=text):
        check_config(one)


def test_section_that_is_a_value(draft):
    with pytest.raises(
        ConfigError, match=r"recipe must be a table \[recipe\], got 3\."
    ):
        check_config(draft("recipe = 3"))


def test_columns_alone(draft):
    data, overrides = check_columns(
        draft('[data]\npath = "a"\n[fields.x]\nkind="ignored"')
    )

    assert (data.path, data.label, overrides) == (["a"], [], {"x": {"kind": "ignored"}})
    with pytest.raises(ConfigError, match=r"command line: data\.path must be given"):
        check_columns(Draft())


def test_one_or_all():
    assert one_or_all(["a"]) == "a"
    assert one_or_all(["a", "b"]) == ["a", "b"]
