"""IGC: sums that are the correlation, what is used and useless, values."""

import numpy as np
import pytest

from fieldwise.errors import DataError, SchemaError, ShapeError
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.contributions import FieldContributions
from fieldwise.explanation.gradient_correlation import (
    gradient_correlation,
    value_correlation,
)
from fieldwise.explanation.integrated_gradients import integrated_gradients
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
)


def contributions_of(values, *, base=0.5):
    values = np.asarray(values, dtype=float)
    return FieldContributions(
        names=tuple("abcdef"[: values.shape[1]]),
        values=values,
        logits=values.sum(axis=1) + base,
        base=base,
        corrections=np.zeros_like(values),
        method="by hand",
    )


@pytest.fixture
def found():
    schema = planted_schema()
    values = random_values(schema, 80)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = BaselineModel(
        model_of(schema).double(), schema, draw_baselines(dataset, num_baselines=4)
    )
    return integrated_gradients(model, [dataset.batch(slice(None))]), dataset


def test_by_hand():
    # z = c_a + c_b = (0, 2, 2, 4) + base, y = (0, 0, 1, 1).
    # cov(c_a, y) = mean(c_a y) - mean(c_a) mean(y) = (2 + 2) / 4 - 1 * 1/2 = 1/2
    # cov(c_b, y) = (0 + 2) / 4 - 1 * 1/2 = 0;  std(z) = sqrt(2), std(y) = 1/2
    contributions = contributions_of([[0, 0], [0, 2], [2, 0], [2, 2]])

    found = gradient_correlation(contributions, [0, 0, 1, 1])

    np.testing.assert_allclose(
        found.scores, [0.5 / (np.sqrt(2) * 0.5), 0.0], atol=1e-15
    )
    # cov(c_a, z) / var(z) = 1 / 2
    np.testing.assert_allclose(found.details["auto"], [0.5, 0.5])


def test_scores_add_up_to_the_correlation(found):
    contributions, dataset = found
    labels = dataset.labels[:, 0]

    importance = gradient_correlation(contributions, labels)

    expected = np.corrcoef(contributions.logits, labels)[0, 1]
    assert importance.scores.sum() == pytest.approx(expected, abs=1e-12)
    assert importance.details["auto"].sum() == pytest.approx(1.0, abs=1e-12)


def test_another_scale_changes_nothing_and_another_sign_turns_it(found):
    contributions, dataset = found
    labels = dataset.labels[:, 0].astype(float)
    scores = gradient_correlation(contributions, labels).scores

    scaled = gradient_correlation(contributions, 3 * labels + 1).scores
    turned = gradient_correlation(contributions, -2 * labels).scores

    np.testing.assert_allclose(scaled, scores, atol=1e-12)
    np.testing.assert_allclose(turned, -scores, atol=1e-12)


def test_weights_count_rows(found):
    contributions, dataset = found
    labels, twice = dataset.labels[:, 0], np.repeat(np.arange(80), 2)

    whole = gradient_correlation(contributions, labels)
    doubled = gradient_correlation(contributions.slice(twice), labels[twice])
    first = gradient_correlation(
        contributions, labels, weights=np.where(np.arange(80) < 40, 1.0, 0.0)
    )

    np.testing.assert_allclose(doubled.scores, whole.scores, atol=1e-12)
    half = gradient_correlation(contributions.slice(np.arange(40)), labels[:40])
    np.testing.assert_allclose(first.scores, half.scores, atol=1e-12)


def test_a_field_that_is_used_but_useless():
    random = np.random.default_rng(0)
    y = random.integers(0, 2, 20_000)
    contributions = contributions_of(
        np.stack([y - 0.5, 3 * random.normal(size=20_000)], axis=1)
    )

    found = gradient_correlation(contributions, y)

    assert contributions.importance().ranked[0] == "b"
    assert abs(found.scores[1]) < 0.02
    assert found.scores[0] > 0.1


def test_values_add_up_to_their_field(found):
    contributions, dataset = found
    labels, sites = dataset.labels[:, 0], dataset.rows[:, 0]
    whole = gradient_correlation(contributions, labels)

    values = value_correlation(contributions, labels, "site", sites.tolist())

    assert values.unit == "value"
    assert values.scores.sum() == pytest.approx(whole.scores[0], abs=1e-12)
    assert values.details["rows"].sum() == 80
    assert values.names[0] == ("site", "0")


def test_what_is_not_defined_is_refused(found):
    contributions, _ = found

    with pytest.raises(DataError, match="labels must vary"):
        gradient_correlation(contributions, np.ones(80))
    with pytest.raises(DataError, match="logits must vary"):
        gradient_correlation(contributions_of(np.ones((2, 2))), [0, 1])
    with pytest.raises(ShapeError, match="equal lengths"):
        gradient_correlation(contributions, [0, 1])
    with pytest.raises(SchemaError, match="field must be one of"):
        value_correlation(contributions, np.arange(80), "sit", range(80))
    with pytest.raises(ShapeError, match="values must be 80, got 2"):
        value_correlation(contributions, np.arange(80), "site", range(2))
