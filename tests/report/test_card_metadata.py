"""The head of a model card, read by the Hub's own parser."""

import math

import pytest
import yaml
from huggingface_hub import ModelCard

from fieldwise.report.card_metadata import METRICS, card_metadata, front_matter
from tests.report.made_up import HOSTILE, whole_run


def read_back(metadata):
    """What the Hub makes of it."""
    text = front_matter(metadata)
    return ModelCard(f"{text}\n\n# Title\n").data


@pytest.mark.parametrize(
    "name", [*HOSTILE, "---\nlicense: mit\n---", "\x85a\u2028b", "a: b"]
)
def test_no_name_leaves_its_entry(name):
    metadata = card_metadata(whole_run(data=name, model=name))

    data = read_back(metadata).to_dict()

    assert set(data) == set(metadata)
    assert data["tags"][:4] == metadata["tags"][:4]
    # JSON has a way to write the controls of ASCII; what else is unprintable is gone.
    kept = (x if x.isprintable() or x < "\x7f" else " " for x in name)
    assert data["tags"][4] == "".join(kept)


def test_numbers_stay_numbers():
    values = [1e-05, 2.5, 1e300, -3e-07, 0.0, 12, True, None]

    text = front_matter({"values": values})

    assert yaml.safe_load(text.strip("-"))["values"] == values


def test_metrics_are_results_of_the_hub():
    run = whole_run()

    results = read_back(card_metadata(run)).eval_results

    (label,) = run.metrics
    expected = {
        METRICS[name][0]: value
        for name, value in run.metrics[label].items()
        if name in METRICS
    }
    assert {one.metric_type: one.metric_value for one in results} == expected
    assert {one.task_type for one in results} == {"tabular-classification"}
    assert {one.dataset_split for one in results} == {run.part}


def test_a_real_label_is_a_regression():
    schema = {"labels": [{"name": "rating", "kind": "real"}], "fields": []}
    metrics = {"rating": {"rmse": 0.5, "r2": math.nan}}

    metadata = card_metadata(whole_run(schema=schema, metrics=metrics))

    assert metadata["pipeline_tag"] == "tabular-regression"
    # What is no number says nothing.
    assert metadata["metrics"] == ["rmse"]


def test_several_labels_are_told_apart():
    labels = [{"name": name, "kind": "binary"} for name in ("click", "buy")]
    metrics = {"click": {"auc": 0.7}, "buy": {"auc": 0.8}}

    metadata = card_metadata(
        whole_run(schema={"labels": labels, "fields": []}, metrics=metrics)
    )

    entries = metadata["model-index"][0]["results"][0]["metrics"]
    assert [(entry["name"], entry["value"]) for entry in entries] == [
        ("AUC of click", 0.7),
        ("AUC of buy", 0.8),
    ]


def test_nothing_measured_nothing_told():
    assert "model-index" not in card_metadata(whole_run(metrics={}))


def test_the_license_is_left_to_the_author():
    assert read_back(card_metadata(whole_run())).license is None
