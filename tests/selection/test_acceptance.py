"""What every method that ranks fields promises, on planted and on degenerate tables."""

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest

from fieldwise.data.dataset import Dataset
from fieldwise.selection import RankingData
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.rankers import RANKERS
from fieldwise.training import Recipe
from tests.selection.planted import (
    planted,
    planted_numbers,
    ranking_data,
    strong_before_noise,
)
from tests.selection.trained import small_model

EXTRAS = {"gbdt": "lightgbm", "xgboost": "xgboost"}
NAMES = [name for name in RANKERS if find_spec(EXTRAS.get(name, "numpy"))]
SENSITIVITIES = ("permutation", "sfs", "shark")
"""Their model is trained once for each table."""

GATES = ("autofield", "adafs", "lpfs", "optfs")
"""Found by a training of their own, which most tests make short."""

NO_ORDER = ("quick_selection", "optfs")
"""One reads no label, the other chooses values; neither ranks fields by their worth."""

BACKBONE = Backbone(recipe=Recipe(batch_size=512, num_epochs=1))
QUICK = {
    **{name: {"backbone": BACKBONE} for name in GATES},
    "permutation": {"num_repeats": 1},
    "quick_selection": {"num_hidden": 50, "num_epochs": 4},
}
IN_ANY_ORDER = ("lasso", "mi_screening", "quantile_classifier", "nonconvex_path")
"""Nothing they draw depends on where a field stands."""

models = {}


def rank(name, data, *, seed=0, is_quick=True):
    options = dict(QUICK.get(name, {})) if is_quick else {}
    if name in SENSITIVITIES:
        key = (data.fingerprint, seed)
        if key not in models:
            models[key] = small_model(data, seed=seed)
        options["model"] = models[key]
    return RANKERS[name].rank(data, seed=seed, **options)


def reads_numbers_only(name):
    return RANKERS[name].kinds == ("numeric",)


@cache
def ranked(name):
    return rank(name, table(name, num_rows=2000))


@cache
def table(name, seed=0, num_rows=10_000):
    make = planted_numbers if reads_numbers_only(name) else planted
    return make(seed, num_rows=num_rows)


def degenerate(name, *, fields=None, num_rows=400):
    """A field that says something, one that is always the same, one that is missing."""
    random = np.random.default_rng(0)
    number = random.normal(size=num_rows)
    whole = (number > 0).astype(int)
    is_float = reads_numbers_only(name)
    columns = {
        "same": np.zeros(num_rows, dtype=float if is_float else int),
        "signal": number if is_float else whole,
        "missing": np.full(num_rows, np.nan),
    }
    chosen = {field: columns[field] for field in fields or columns}
    labels = random.random(num_rows) < np.where(whole, 0.9, 0.1)
    return ranking_data(chosen, labels)


@pytest.mark.parametrize("name", NAMES)
def test_scores_all_fields_in_their_order(name):
    data, found = table(name, num_rows=2000), ranked(name)

    assert found.unit == "field"
    assert found.names == data.schema.names
    assert np.isfinite(found.scores).all()
    assert found.seed == 0
    assert found.data_fingerprint == data.fingerprint
    assert found.meaning
    assert found.method


@pytest.mark.parametrize("name", NAMES)
def test_fewer_fields_are_among_more(name):
    data, found = table(name, num_rows=2000), ranked(name)

    kept = [set(found.top(k).kept) for k in range(len(found) + 1)]

    assert kept[0] == set()
    assert kept[-1] == set(data.schema.names)
    assert all(few < many for few, many in pairwise(kept))
    assert found.top(len(found)).apply_to(data.schema) == data.schema


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides_everything(name):
    first = ranked(name)
    models.clear()

    again = rank(name, table(name, num_rows=2000))

    assert again == first


@pytest.mark.parametrize("name", sorted({*NAMES} - {*NO_ORDER}))
def test_strong_fields_come_before_noise(name):
    areas = [
        strong_before_noise(
            rank(name, table(name, seed), seed=seed, is_quick=name not in GATES)
        )
        for seed in range(3)
    ]

    assert np.mean(areas) >= 0.95


@pytest.mark.parametrize("name", NAMES)
def test_other_labels_where_it_does_not_look_change_nothing(name):
    data = table(name, num_rows=2000)
    unread = {"train", "gate", "stop"} - set(RANKERS[name].reads)

    other = replace(data, **{part: poisoned(getattr(data, part)) for part in unread})

    assert rank(name, other) == ranked(name)


def poisoned(rows: Dataset) -> Dataset:
    """Rows with every label turned."""
    matrix = np.array(rows.rows)
    turned = (1 - rows.labels).astype(np.float32)
    matrix[:, rows.layout.labels] = turned.view(np.int32)
    return Dataset(rows.schema, matrix, rows.sequences)


@pytest.mark.parametrize("name", [name for name in NAMES if name in IN_ANY_ORDER])
def test_scores_move_with_their_columns(name):
    random = np.random.default_rng(0)
    columns = {f"field{place}": random.normal(size=900) for place in range(6)}
    labels = columns["field1"] + columns["field4"] > random.normal(size=900)
    turned = dict(reversed(columns.items()))

    first, second = (rank(name, ranking_data(c, labels)) for c in (columns, turned))

    np.testing.assert_allclose(second.scores[::-1], first.scores, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_what_says_nothing_is_not_ahead_of_what_does(name):
    found = rank(name, degenerate(name))

    scores = dict(zip(found.names, found.scores, strict=True))
    assert np.isfinite(found.scores).all()
    if name not in (*GATES, *NO_ORDER):
        assert found.ranked[0] == "signal"
        assert scores["signal"] > max(scores["same"], scores["missing"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("field", ["signal", "same"])
def test_a_single_field_is_ranked(name, field):
    found = rank(name, degenerate(name, fields=[field]))

    assert found.ranked == (field,)
    assert np.isfinite(found.scores).all()


def test_test_rows_are_never_handed_on():
    data = planted(num_rows=100)
    parts = {"train": data.train, "valid": data.gate}

    first, second = (
        RankingData.of(parts | {"test": rows})
        for rows in (data.stop, poisoned(data.stop))
    )

    for part in ("train", "gate", "stop"):
        assert getattr(first, part).checksum() == getattr(second, part).checksum()
