"""Settings of one model among several."""

import pytest

from fieldwise.cli.compared_models import check_configs
from fieldwise.cli.draft import Draft
from fieldwise.errors import ConfigError


def draft(*settings):
    given = {"data": {"path": ["x.parquet"], "label": ["click"]}}
    return Draft.gather(None, given, settings)


def test_each_model_gets_its_own():
    found = check_configs(
        draft("model.fm.embedding_dim=4", "recipe.num_epochs=3"), ["fm", "lr", "dcnv2"]
    )

    assert [found[name].model for name in found] == ["fm", "lr", "dcnv2"]
    assert found["fm"].model_arguments == {"embedding_dim": 4}
    assert found["lr"].model_arguments == found["dcnv2"].model_arguments == {}
    assert {run.recipe["num_epochs"] for run in found.values()} == {3}


def test_the_model_of_a_run():
    run = draft("model.name=fm", "model.embedding_dim=4")

    assert check_configs(run, ["lr", "fm"])["fm"].model_arguments == {
        "embedding_dim": 4
    }
    assert check_configs(run, ["lr"])["lr"].model_arguments == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["model.embedding_dim=4"], "--set: model.embedding_dim must be model.NAME"),
        (["model.dcmv2.x=4"], "model.dcmv2 must name a model. Did you mean 'dcnv2'"),
        (["model.deepfm.embedding_dim=4"], "model.deepfm is set, but 'deepfm' is not"),
        (["model.fm.embedding=4"], "model fm: .*unknown key model.embedding"),
        (["model.fm.embedding_dim=x"], "model fm: .*must be"),
        (["recipe.seeds=4"], "unknown key recipe.seeds"),
        (["models.fm.x=4"], "unknown key models"),
    ],
)
def test_wrong_settings(settings, message):
    with pytest.raises(ConfigError, match=message):
        check_configs(draft(*settings), ["fm", "lr"])


def test_everything_wrong_is_listed():
    with pytest.raises(ConfigError) as caught:
        check_configs(draft("model.fm.a=1", "model.lr.b=1", "model.c=1"), ["fm", "lr"])

    for text in ("model fm", "model lr", "model.NAME.c"):
        assert text in str(caught.value)
