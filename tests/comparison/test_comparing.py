"""One call from a raw table to a leaderboard: what it keeps, resumes and refuses."""

import json
import logging

import numpy as np
import polars as pl
import pytest
from scipy import stats

import fieldwise as fw
from fieldwise.comparison import runner
from fieldwise.errors import ConfigError, DataError, TrainingDivergedError
from fieldwise.metrics import auc

QUICK = {"num_epochs": 1, "batch_size": 64, "learning_rate": 0.05}
NO_FIELDS = ["part", "paid", "rating", "weight", "user"]


def compare(log, **given):
    settings = {
        "label": "click",
        "models": "lr,fm",
        "seeds": 2,
        "split": "part",
        "recipe": QUICK,
        "progress": False,
    }
    if "ignore" not in given and "schema" not in given:
        keep = {given.get("weight"), given.get("group"), *given.get("label", "")}
        given["ignore"] = [x for x in NO_FIELDS if x not in keep and x != "part"]
    return fw.compare(log, **settings | given)


@pytest.fixture(scope="module")
def kept(log, tmp_path_factory):
    """A finished comparison, with its folder."""
    out = tmp_path_factory.mktemp("compare") / "out"
    return compare(log, out=out, cache=out.parent / "cache")


@pytest.fixture
def counted(monkeypatch):
    """The settings of every fit that is really made."""
    made = []

    def fit(encoded, settings, **given):
        made.append((settings.model, settings.seed))
        return original(encoded, settings, **given)

    original = runner.fit_encoded
    monkeypatch.setattr(runner, "fit_encoded", fit)
    return made


def test_two_models_two_seeds(kept):
    assert sorted(kept.leaderboard["model"]) == ["fm", "lr"]
    assert kept.best == kept.leaderboard["model"][0]
    assert (kept.measure, kept.part, kept.errors) == ("auc", "test", {})
    assert kept.runs.select("model", "seed").rows() == [
        ("lr", 0),
        ("fm", 0),
        ("lr", 1),
        ("fm", 1),
    ]
    names = {path.name for path in kept.folder.iterdir()}
    assert {"leaderboard.md", "leaderboard.parquet", "runs.parquet"} <= names
    assert len(list((kept.folder / "fits").iterdir())) == 4
    assert not (kept.folder / "unfinished").exists()


def test_seed_0_is_what_fit_makes(kept, log):
    ignore = [name for name in NO_FIELDS if name != "part"]
    ranker = fw.fit(
        log, label="click", model="fm", split="part", recipe=QUICK, ignore=ignore
    )

    run = kept.runs.filter(model="fm", seed=0).row(0, named=True)

    for name in ("auc", "log_loss", "ece"):
        assert run[name] == ranker.metrics["test"][name]
    weights = ranker.model.parameters()
    assert run["parameters"] == sum(weight.numel() for weight in weights)
    said = pl.read_parquet(kept.folder / "fits" / "fm-0.parquet")["value 0"]
    test = log.filter(part="test")
    np.testing.assert_allclose(said, ranker.predict(test), rtol=1e-5)
    assert auc(test["click"], said) == pytest.approx(run["auc"])


def test_p_is_that_of_the_kept_values(kept, log):
    from fieldwise.comparison.delong import auc_influence

    labels = log.filter(part="test")["click"].to_numpy().astype(float)

    def mean_of(model):
        runs = [
            pl.read_parquet(kept.folder / "fits" / f"{model}-{seed}.parquet")
            for seed in (0, 1)
        ]
        parts = [
            auc_influence(labels, run["value 0"].to_numpy().astype(float))
            for run in runs
        ]
        return [np.mean([part[k] for part in parts], axis=0) for k in (0, 1)]

    (first, share), (second, other) = mean_of("fm"), mean_of("lr")
    error = np.sqrt(np.sum((share - other) ** 2))
    worse = kept.leaderboard.filter(~pl.col("is_best")).row(0, named=True)
    assert worse["p_rows"] == pytest.approx(
        2 * stats.norm.sf(abs(first - second) / error)
    )


def test_again_makes_nothing(kept, log, counted):
    again = compare(log, out=kept.folder)

    assert counted == []
    assert again.leaderboard.equals(kept.leaderboard)
    assert again.runs.equals(kept.runs)


def test_more_seeds_and_models_later(kept, log, counted):
    more = compare(log, out=kept.folder, models="fm,dnn", seeds=3)

    assert sorted(counted) == [("dnn", 0), ("dnn", 1), ("dnn", 2), ("fm", 2)]
    old = more.runs.filter(pl.col("model") == "fm", pl.col("seed") < 2)
    assert old.equals(kept.runs.filter(model="fm"))
    assert "lr-0, lr-1" in more.notes[-1]
    fm = more.leaderboard.filter(model="fm").row(0, named=True)
    assert fm["num_seeds"] == 3


def test_something_else_is_refused(kept, log, counted):
    before = sorted(path.name for path in kept.folder.rglob("*"))
    cases = {
        r"recipe.num_epochs: 1 there, 2 here": {"recipe": QUICK | {"num_epochs": 2}},
        r"model.fm.embedding_dim: default there, 4 here": {
            "model_arguments": {"fm": {"embedding_dim": 4}}
        },
        r"split.how": {"split": fw.RandomSplit(test=0.2)},
        r"schema.fields.price": {"ignore": [*NO_FIELDS[1:], "price"]},
    }
    for message, given in cases.items():
        with pytest.raises(DataError, match=message):
            compare(log, out=kept.folder, **given)
    with pytest.raises(DataError, match="data: another one"):
        compare(log.head(390), out=kept.folder)

    assert counted == []
    assert sorted(path.name for path in kept.folder.rglob("*")) == before


def test_overwriting_starts_anew(log, tmp_path, counted):
    compare(log, out=tmp_path / "x", models="lr", seeds=1)
    compare(
        log,
        out=tmp_path / "x",
        models="lr",
        seeds=1,
        test=0.3,
        split=None,
        overwrite=True,
    )

    assert counted == [("lr", 0)] * 2
    assert len(list((tmp_path / "x" / "fits").iterdir())) == 1


def test_a_failure_stops_no_other(log, tmp_path, monkeypatch, caplog):
    original = runner.fit_encoded

    def fit(encoded, settings, **given):
        if settings.model == "fm" and settings.seed == 1:
            message = "the loss is\nnan"
            raise TrainingDivergedError(message)
        if settings.model == "dnn":
            raise MemoryError
        return original(encoded, settings, **given)

    monkeypatch.setattr(runner, "fit_encoded", fit)
    with caplog.at_level(logging.INFO, logger="fieldwise"):
        result = compare(log, models="dnn,fm,lr", out=tmp_path / "x")
    monkeypatch.setattr(runner, "fit_encoded", original)

    assert result.errors == {
        ("dnn", 0): "MemoryError: no message",
        ("dnn", 1): "MemoryError: no message",
        ("fm", 1): "TrainingDivergedError: the loss is nan",
    }
    assert result.leaderboard["model"].to_list()[-1] == "dnn"
    assert result.leaderboard["num_seeds"].to_list()[-1] == 0
    assert "Traceback" in caplog.text
    assert "MemoryError" in (tmp_path / "x" / "leaderboard.md").read_text("utf-8")
    # The next call makes what failed.
    healed = compare(log, models="dnn,fm,lr", out=tmp_path / "x")
    assert healed.errors == {}
    assert healed.leaderboard["num_seeds"].to_list() == [2, 2, 2]


def test_everything_fails(log, monkeypatch):
    def fit(*_, **__):
        message = "no"
        raise ValueError(message)

    monkeypatch.setattr(runner, "fit_encoded", fit)

    result = compare(log, models="lr", seeds=1)

    assert result.best is None
    assert result.errors == {("lr", 0): "ValueError: no"}


def test_ctrl_c_ends_all(log, tmp_path, monkeypatch):
    def fit(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "fit_encoded", fit)

    with pytest.raises(KeyboardInterrupt):
        compare(log, out=tmp_path / "x")


def test_nothing_is_kept_without_a_folder(log, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = compare(log, models="lr", seeds=1)

    assert result.folder is None
    assert list(tmp_path.iterdir()) == []


def test_one_division_for_all_seeds(log):
    result = compare(log, split=None, test=0.2, models="lr", recipe=QUICK | {"seed": 3})

    assert result.runs["seed"].to_list() == [3, 4]
    assert result.part == "test"


def test_without_test_rows_the_validation_rows_serve(log):
    result = compare(log, split=None, models="lr", seeds=1)

    assert result.part == "valid"
    assert "valid_auc" not in result.runs.columns


def test_weights_and_groups(log, tmp_path):
    weighted = compare(log, weight="weight", out=tmp_path / "w", seeds=1)
    grouped = compare(log, group="user", out=tmp_path / "g", seeds=1)

    pages = [(tmp_path / x / "leaderboard.md").read_text("utf-8") for x in "wg"]
    assert "paired bootstrap over rows" in pages[0]
    assert "paired bootstrap over groups" in pages[1]
    for result in (weighted, grouped):
        p = result.leaderboard.filter(~pl.col("is_best"))["p_rows"][0]
        assert 0 <= p <= 1


def test_two_labels(log):
    result = compare(log, label=["click", "paid"], seeds=1)

    line = result.leaderboard.row(0, named=True)
    assert line["auc"] == pytest.approx(
        (line["auc_of_click"] + line["auc_of_paid"]) / 2
    )


def test_a_real_label(log):
    ignore = [*NO_FIELDS, "click"]
    ignore.remove("rating")
    ignore.remove("part")

    result = compare(log, label="rating", ignore=ignore, seeds=1)

    assert result.measure == "squared_error"
    assert result.leaderboard["squared_error"].is_sorted()
    assert "auc" not in result.leaderboard.columns


def test_a_schema_in_place_of_roles(log):
    schema = fw.Schema((fw.CategoricalField("site"),), (fw.Label("click"),))

    result = compare(log, schema=schema, label=None, models="lr", seeds=1)

    assert result.errors == {}


def test_settings_of_one_model(log, tmp_path):
    compare(
        log,
        models="fm,lr",
        seeds=1,
        out=tmp_path / "x",
        model_arguments={"fm": {"embedding_dim": 3}},
    )

    path = tmp_path / "x" / "fits" / "fm-0.parquet"
    record = json.loads(pl.read_parquet_metadata(path)["fieldwise"])
    assert record["model_arguments"]["embedding_dim"] == 3
    assert record["recipe"]["num_epochs"] == 1
    assert record["environment"]["fieldwise"] == fw.__version__


class Untouchable:
    """Fails the test when anything reads it."""

    def __getattr__(self, name):
        pytest.fail(f"data was touched: {name}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": "dcn22"}, "models must be .* got 'dcn22'"),
        ({"label": None}, "label must be given"),
        ({"calibration": "x", "test": 1.5, "split": None}, "calibration.*test must be"),
        ({"test": 0.1}, "test must be 0 where valid or split"),
        ({"recipe": {"epochs": 3}}, "recipe has no setting 'epochs'"),
        ({"model_arguments": {"fm": {"x": 1}}}, r"arguments of 'fm', got \['x'\]"),
        ({"model_arguments": {"dnn": {}}}, r"models that are compared, got \['dnn'\]"),
    ],
)
def test_impossible_arguments_are_refused_before_anything_is_read(given, message):
    with pytest.raises(ConfigError, match=message):
        compare(Untouchable(), ignore=[], **given)


def test_no_seeds(log):
    with pytest.raises(ValueError, match="seeds must be positive"):
        compare(log, seeds=0)


def test_one_process_only(log, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")

    with pytest.raises(ConfigError, match="must run in one process"):
        compare(log)


def test_a_search_stage_runs_as_in_fit(log):
    if "optinter" not in fw.MODELS:
        pytest.skip("no model of this version searches")

    result = compare(log, models="optinter", seeds=1)

    assert result.errors == {}
