"""Check losses, planted asymmetric Laplace columns, and the score of a field."""

import numpy as np
import pytest

from fieldwise.errors import DataError, ShapeError
from fieldwise.selection.quantile_classifier import (
    QuantileClassifier,
    check_loss,
    rank_by_quantile_classifier,
    sorted_quantile,
)
from tests.selection.planted import ranking_data


def asymmetric_laplace(random, percentage, scale, size):
    """Density ``scale t (1 - t) exp(-scale rho_t(u))``."""
    above = random.exponential(1 / (scale * percentage), size)
    below = random.exponential(1 / (scale * (1 - percentage)), size)
    return np.where(random.random(size) < 1 - percentage, above, -below)


def shifted(num_rows=400, num_columns=6, num_shifted=2, seed=0):
    random = np.random.default_rng(seed)
    classes = random.integers(0, 2, num_rows)
    columns = random.gamma(2.0, size=(num_rows, num_columns))
    columns[:, :num_shifted] += classes[:, None]
    return columns, classes


def test_check_loss_by_hand():
    # rho_.2(2) = .2 * 2 = .4; rho_.2(-2) = .8 * 2 = 1.6.
    np.testing.assert_allclose(check_loss(np.array([2.0, -2.0]), 0.2), [0.4, 1.6])


def test_density_integrates_to_one():
    grid = np.linspace(-100, 100, 200_001)
    density = 2.0 * 0.2 * 0.8 * np.exp(-2.0 * check_loss(grid, 0.2))

    assert density.sum() * 1e-3 == pytest.approx(1.0, abs=1e-3)


def test_sorted_quantile_equals_numpy():
    columns = np.random.default_rng(0).normal(size=(31, 3))
    columns[:7, 1] = np.nan
    percentages = np.array([0.13, 0.5, 0.97])

    found = sorted_quantile(np.sort(columns, axis=0), percentages)

    expected = [
        np.nanquantile(column, t)
        for column, t in zip(columns.T, percentages, strict=True)
    ]
    np.testing.assert_allclose(found, expected)


def test_recovers_planted_percentages_and_scales():
    random = np.random.default_rng(0)
    classes = np.repeat([0, 1], 20_000)
    planted = zip((0.2, 0.5, 0.8), (1.0, 2.0, 0.5), strict=True)
    columns = np.column_stack(
        [
            asymmetric_laplace(random, t, s, len(classes)) + 2 * classes
            for t, s in planted
        ]
    )

    fitted = QuantileClassifier.fit(columns, classes, tolerance=1e-8)

    np.testing.assert_allclose(fitted.percentages, [0.2, 0.5, 0.8], atol=0.01)
    np.testing.assert_allclose(fitted.scales, [1.0, 2.0, 0.5], rtol=0.02)
    np.testing.assert_allclose(fitted.quantiles[1] - fitted.quantiles[0], 2, atol=0.05)
    assert np.diff(fitted.criterion).max() < 1e-6


def test_closed_form_is_the_best_of_a_fine_grid():
    random = np.random.default_rng(0)
    column = asymmetric_laplace(random, 0.3, 1.5, 3000)[:, None]
    classes = np.arange(3000) % 2

    fitted = QuantileClassifier.fit(column, classes, tolerance=1e-12)

    grid = np.linspace(0.01, 0.99, 981)
    own = column[:, 0] - fitted.quantiles[classes, 0]
    losses = np.array([check_loss(own, t).mean() for t in grid])
    # Given t, the best scale is one over the mean check loss.
    criterion = 1 - np.log(grid * (1 - grid) / losses)
    assert fitted.percentages[0] == pytest.approx(grid[criterion.argmin()], abs=2e-3)
    assert fitted.criterion[-1] == pytest.approx(criterion.min(), abs=1e-5)


def test_units_change_scales_only():
    columns, classes = shifted()
    factors, shifts = np.array([3.0, 0.1, 7.0, 1.0, 2.0, 5.0]), np.arange(6.0)

    first = QuantileClassifier.fit(columns, classes)
    second = QuantileClassifier.fit(columns * factors + shifts, classes)

    np.testing.assert_allclose(second.scales, first.scales / factors)
    np.testing.assert_array_equal(
        second.predict(columns * factors + shifts), first.predict(columns)
    )


def test_a_mirrored_column_has_the_mirrored_percentage():
    columns, classes = shifted()

    first = QuantileClassifier.fit(columns, classes)
    second = QuantileClassifier.fit(-columns, classes)

    np.testing.assert_allclose(second.percentages, 1 - first.percentages)


def test_predictions_equal_a_loop():
    columns, classes = shifted(60)
    columns[::5, 2] = np.nan

    fitted = QuantileClassifier.fit(columns, classes)

    for row, chosen in zip(columns, fitted.predict(columns), strict=True):
        totals = []
        for quantiles in fitted.quantiles:
            total = 0.0
            for x, q, t, scale in zip(
                row, quantiles, fitted.percentages, fitted.scales, strict=True
            ):
                if not np.isnan(x):
                    total += scale * (t if x >= q else t - 1) * (x - q)
            totals.append(total)
        assert chosen == np.argmin(totals)


def test_shifted_columns_rank_first_and_noise_has_about_nothing():
    columns, classes = shifted(4000, 20, 5)
    table = {f"column{place}": column for place, column in enumerate(columns.T)}

    found = rank_by_quantile_classifier(ranking_data(table, classes))
    order = np.random.default_rng(0).permutation(len(classes))
    mixed = rank_by_quantile_classifier(ranking_data(table, classes[order]))

    assert set(found.ranked[:5]) == {f"column{place}" for place in range(5)}
    assert found.scores[:5].min() > 0.1
    assert np.abs(found.scores[5:]).max() < 0.05
    assert np.abs(mixed.scores).max() < 0.05


def test_a_column_without_numbers_or_without_differences_says_nothing():
    columns, classes = shifted(200, 4, 1)
    table = {f"column{place}": column for place, column in enumerate(columns.T)}
    table |= {"empty": np.full(200, np.nan), "same": np.full(200, 3.0)}

    found = rank_by_quantile_classifier(ranking_data(table, classes))

    assert found.scores[4:].tolist() == [0.0, 0.0]
    assert found.details["scale"][4:].tolist() == [0.0, 0.0]


def test_one_class_is_refused():
    with pytest.raises(DataError, match="two at least"):
        QuantileClassifier.fit(np.ones((3, 1)), np.zeros(3, dtype=int))


def test_one_class_per_row_is_asked_for():
    with pytest.raises(ShapeError, match="must be 3 numbers"):
        QuantileClassifier.fit(np.ones((3, 1)), np.array([0, 1]))


def test_a_real_label_is_refused():
    data = ranking_data({"a": np.arange(9.0)}, np.arange(9.0), kind="real")

    with pytest.raises(DataError, match="'click' must be binary"):
        rank_by_quantile_classifier(data)
