"""Closed forms, coordinate descent, and the support that a path recovers."""

import numpy as np
import pytest

from fieldwise.selection.concave_penalties import PENALTIES
from fieldwise.selection.nonconvex_path import penalized_path, rank_by_nonconvex_path
from tests.selection.planted import ranking_data


def sparse_logit(num_rows=1500, num_columns=60, num_active=6, seed=0):
    random = np.random.default_rng(seed)
    columns = random.normal(size=(num_rows, num_columns))
    columns = (columns - columns.mean(0)) / columns.std(0)
    logits = columns[:, :num_active] @ np.resize([1.0, -1.0], num_active)
    return columns, (random.random(num_rows) < 1 / (1 + np.exp(-logits))).astype(float)


def objective(columns, labels, weights, intercept, penalty, strength, *, is_binary):
    logits = columns @ weights + intercept
    if is_binary:
        loss = np.mean(np.log1p(np.exp(logits)) - labels * logits)
    else:
        loss = np.mean((logits - labels) ** 2) / 2
    return loss + PENALTIES[penalty].value(weights, strength).sum()


def by_coordinates(columns, labels, penalty, strength, start, intercept):
    """Coordinate descent on the squared error: the best of a fine grid, in turn."""
    grid = np.unique(np.append(np.linspace(-2, 2, 8001), 0.0))
    costs = PENALTIES[penalty].value(grid, strength)
    weights = start.copy()
    for _ in range(30):
        for place, column in enumerate(columns.T):
            rest = labels - intercept - columns @ weights + column * weights[place]
            slope = column @ rest / len(rest)
            curved = (column @ column / len(rest)) / 2
            weights[place] = grid[np.argmin(curved * grid**2 - slope * grid + costs)]
    return weights


def closed_form(penalty, z, strength):
    size = abs(z)
    if penalty == "mcp":
        # Firm threshold, gamma = 2.
        if size > 2 * strength:
            return z
        return np.sign(z) * max(size - strength, 0) / (1 - 1 / 2)
    if size > 3.7 * strength:
        return z
    if size > 2 * strength:
        return (2.7 * z - np.sign(z) * 3.7 * strength) / 1.7
    return np.sign(z) * max(size - strength, 0)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_orthonormal_columns_have_the_closed_form(penalty):
    random = np.random.default_rng(0)
    raw = np.column_stack([np.ones(64), random.normal(size=(64, 7))])
    columns = np.linalg.qr(raw)[0][:, 1:] * 8
    labels = columns @ np.array([2, -1.5, 1, 0.7, -0.4, 0.2, 0.0]) + 3.0

    path = penalized_path(
        columns, labels, PENALTIES[penalty], is_binary=False, tolerance=1e-9
    )

    z = columns.T @ labels / 64
    for place in (20, 40, 70):
        strength = path.lambdas[place]
        expected = [closed_form(penalty, value, strength) for value in z]
        np.testing.assert_allclose(path.weights[place], expected, atol=1e-5)
    np.testing.assert_allclose(path.intercepts, 3.0)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_coordinate_descent_finds_nothing_better(penalty):
    random = np.random.default_rng(0)
    columns = random.normal(size=(80, 4)) + random.normal(size=(80, 1))
    columns = (columns - columns.mean(0)) / columns.std(0)
    labels = columns @ np.array([1.0, -0.5, 0.0, 0.2]) + random.normal(size=80)

    path = penalized_path(columns, labels, PENALTIES[penalty], is_binary=False)

    for place in (10, 30, 60):
        solution = path.weights[place], path.intercepts[place]
        strength = path.lambdas[place]
        other = by_coordinates(columns, labels, penalty, strength, *solution)
        costs = [
            objective(
                columns, labels, w, solution[1], penalty, strength, is_binary=False
            )
            for w in (solution[0], other)
        ]
        assert costs[0] <= costs[1] + 1e-5


@pytest.mark.parametrize("is_binary", [True, False])
def test_the_strongest_penalty_silences_all(is_binary):
    columns, labels = sparse_logit()

    path = penalized_path(columns, labels, PENALTIES["mcp"], is_binary=is_binary)

    largest = np.abs(columns.T @ (labels - labels.mean())).max() / len(labels)
    assert path.lambdas[0] == pytest.approx(largest)
    assert not path.weights[0].any()
    assert path.weights[-1].any()


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_support_of_a_sparse_logit_comes_first(penalty):
    columns, labels = sparse_logit()
    names = [f"column{place}" for place in range(columns.shape[1])]

    found = rank_by_nonconvex_path(
        ranking_data(dict(zip(names, columns.T, strict=True)), labels), penalty=penalty
    )

    assert set(found.ranked[:6]) == set(names[:6])
    chosen = np.flatnonzero(np.abs(found.details["weight"]) > 0)
    assert set(range(6)) <= set(chosen)


def test_at_the_end_it_is_no_worse_than_skglm():
    skglm = pytest.importorskip("skglm")
    columns, labels = sparse_logit(300, 10, 3)
    path = penalized_path(columns, labels, PENALTIES["mcp"], is_binary=False)
    strength = float(path.lambdas[30])
    model = skglm.MCPRegression(alpha=strength, gamma=2.0, tol=1e-8)
    model.fit(columns, labels)

    costs = [
        objective(columns, labels, w, b, "mcp", strength, is_binary=False)
        for w, b in (
            (path.weights[30], path.intercepts[30]),
            (model.coef_, model.intercept_),
        )
    ]

    assert costs[0] <= costs[1] + 1e-3


def test_an_unknown_penalty_is_refused():
    data = ranking_data({"a": np.arange(10.0)}, np.arange(10) % 2)

    with pytest.raises(ValueError, match="penalty must be one of 'mcp', 'scad'"):
        rank_by_nonconvex_path(data, penalty="l0")
