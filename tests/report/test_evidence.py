"""What explains a ranker, for its report: by several methods, within a budget."""

import jaxtyping
import numpy as np
import pytest

from fieldwise.explanation import InteractionCloud, labelled_rows
from fieldwise.fitting import fit
from fieldwise.report import evidence as module
from fieldwise.report.evidence import gather_evidence
from fieldwise.report.reading import read_run
from tests.explanation.planted import planted_frame

RECIPE = {"num_epochs": 3, "learning_rate": 0.02, "batch_size": 256}


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    # Thousands of losses of tiny models: checking shapes would take most of the time.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture
def _soon(monkeypatch):
    monkeypatch.setattr(module, "CLOUD_SECONDS", 0)


@pytest.fixture(scope="module")
def frame():
    return planted_frame(4_000)


def fitted(frame, model="deepfm", **arguments):
    arguments = {"embedding_dim": 4, "hidden_dims": (8,)} | arguments
    known = {
        name: size
        for name, size in arguments.items()
        if model == "deepfm" or name != "hidden_dims"
    }
    return fit(frame, label="click", model=model, model_arguments=known, recipe=RECIPE)


def gathered(ranker, frame):
    rows = labelled_rows(ranker, frame)
    train, held_out = np.split(np.arange(len(rows)), [len(rows) * 3 // 4])
    return gather_evidence(ranker, train=rows.take(train), held_out=rows.take(held_out))


def test_several_methods_find_the_planted_fields_and_pair(frame, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CLOUDS", ((4, 200),))
    monkeypatch.setattr(module, "CLOUD_SECONDS", 600)
    ranker = fitted(frame)

    found = gathered(ranker, frame)

    kinds = {name: each.unit for name, each in found.importances.items()}
    assert kinds == {
        "integrated-gradients": "field",
        "integrated-gradient-correlation": "field",
        "second-differences-pairs": "pair",
    }
    for name in list(kinds)[:2]:
        assert set(found.importances[name].ranked[:3]) == {"site", "hour", "user"}
    pairs = found.importances["second-differences-pairs"]
    assert pairs.ranked[0] == ("hour", "user")
    assert found.cloud.importance().ranked[0] == ("hour", "user")
    assert len(found.cloud.names) == 6
    ranker.save(tmp_path / "run")
    found.save(tmp_path / "run")
    run = read_run(tmp_path / "run")
    assert sorted(each.method for each in run.importances) == sorted(
        each.method for each in found.importances.values()
    )
    assert [each.names for each in run.clouds] == [found.cloud.names]


@pytest.mark.usefixtures("_soon")
def test_layers_that_tell_are_asked(frame):
    found = gathered(fitted(frame, "armnet", num_neurons=4, num_heads=2), frame)

    asked = {"exponential-neurons", "exponential-neurons-pairs"}
    assert asked <= set(found.importances)


def test_what_would_take_long_is_left_out(frame, monkeypatch):
    ranker = fitted(frame)
    monkeypatch.setattr(module, "BUDGET", 1)
    monkeypatch.setattr(module, "CLOUD_SECONDS", 0)

    found = gathered(ranker, frame)

    assert found.cloud is None
    assert len(found.importances) == 3


@pytest.mark.usefixtures("_soon")
def test_a_method_that_cannot_be_asked_is_left_out(frame):
    ranker = fitted(frame)
    for weight in ranker.model.parameters():
        weight.data.zero_()

    found = gathered(ranker, frame)

    # Logits that do not vary are not correlated with anything.
    assert "integrated-gradient-correlation" not in found.importances
    assert "integrated-gradients" in found.importances
    rows = labelled_rows(ranker, frame)
    nothing = rows.take(np.arange(0))
    assert not gather_evidence(ranker, train=rows, held_out=nothing).importances


def test_a_cloud_that_overflows_is_left_out(frame, monkeypatch):
    ranker = fitted(frame)
    broken = InteractionCloud(
        names=(("site", "hour"),),
        scores=np.array([[np.nan]]),
        added=np.zeros((1, 1)),
        factors=np.ones((1, 1, 2)),
        directions=np.full((1, 2), 0.5),
        references=np.zeros(1),
        beyond_pairs=np.zeros(1),
        loss=0.5,
        epsilon=0.01,
    )
    monkeypatch.setattr(module, "interaction_cloud", lambda *_, **__: broken)
    monkeypatch.setattr(module, "CLOUD_SECONDS", 600)

    assert gathered(ranker, frame).cloud is None
