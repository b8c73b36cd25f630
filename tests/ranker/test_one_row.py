"""One row as a dictionary: the frame's result, for any value, from any thread."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pytest
import torch

from fieldwise.data.encoding import encode_frame
from fieldwise.errors import DataError, SchemaError
from fieldwise.ranker import Ranker, rows
from fieldwise.ranker import ranker as ranker_module
from fieldwise.ranker.plain_scorer import PlainScorer

ODD = [
    {"site": None},
    {"site": 12},
    {"site": 1.0},
    {"site": True},
    {"site": np.str_("s1")},
    {"user": 2.0**40},
    {"user": str(2**40 + 1)},
    {"user": float("nan")},
    {"user": 2**64 - 1},
    {"user": 2**70},
    {"price": "2.5"},
    {"price": True},
    {"price": 3},
    {"price": None},
    {"price": float("-inf")},
    {"price": np.float32(0.1)},
    {"tags": ("a", "c")},
    {"tags": []},
    {"tags": [1, 2]},
    {"tags": ["a"] * 500},
    {"text": None},
    {"text": [1, 0.5, 2]},
    {"text": np.array([1.0, 0.5, 2.0], dtype=np.float32)},
    {"text": [None, float("inf"), 1.0]},
    {"extra": [1, 0.5]},
    {"extra": range(3)},
]


@pytest.fixture
def row(log):
    return log.drop("query").row(1, named=True)


@pytest.fixture
def without_short_way(monkeypatch):
    """Let a function predict with frames alone."""

    def predict(ranker, data):
        with monkeypatch.context() as patch:
            patch.setattr(ranker_module, "plain_rows", lambda _: None)
            return ranker.score(data)

    return predict


@pytest.fixture
def built(monkeypatch):
    """How often a look-up for single rows was built."""
    count = []

    def build(*arguments):
        count.append(1)
        return PlainScorer(*arguments)

    monkeypatch.setattr(ranker_module, "PlainScorer", build)
    return count


@pytest.mark.parametrize("change", [{}, *ODD], ids=repr)
def test_a_row_scores_as_its_frame(ranker, row, without_short_way, change):
    for data in (row | change, [row | change], [row, row | change]):
        found = ranker.score(data)

        wanted = without_short_way(ranker, data)
        assert found.logits.tolist() == wanted.logits.tolist()
        assert found.values.tolist() == wanted.values.tolist()
        assert found.unknown_shares == wanted.unknown_shares


@pytest.mark.parametrize(
    "change",
    [
        {"price": "cheap"},
        {"site": ["a"]},
        {"tags": "a"},
        {"text": [0.5]},
        {"site": b"s1"},
    ],
    ids=repr,
)
def test_errors_are_the_frame_s(ranker, row, without_short_way, change):
    with pytest.raises(SchemaError) as wanted:
        without_short_way(ranker, [row | change])

    with pytest.raises(SchemaError) as found:
        ranker.predict([row | change])

    assert str(found.value) == str(wanted.value)


def test_missing_keys(ranker, row):
    del row["price"], row["tags"]

    with pytest.raises(SchemaError, match=r"'price' is missing.*'tags' is missing"):
        ranker.predict(row)


def test_text_that_is_none(ranker, row):
    with pytest.raises(DataError, match="surrogates not allowed"):
        ranker.predict(row | {"site": "\ud800"})


def test_every_kind_of_label(both_labels, log, without_short_way):
    row = log.row(0, named=True)

    found = both_labels.score(row)

    assert found.values.shape == (1, 2)
    wanted = without_short_way(both_labels, row)
    assert found.values.tolist() == wanted.values.tolist()


def test_plain_rows_are_encoded_as_their_frame(ranker, log):
    dataset = encode_frame(ranker.encoder, log.head(5), labelled=False)
    expected = dataset.batch(slice(None))

    found = ranker.encode_plain(log.head(5).to_dicts())

    for one, other in zip(vars(found).values(), vars(expected).values(), strict=True):
        ones, others = (
            part if isinstance(part, tuple) else (part,) for part in (one, other)
        )
        for part, same in zip(ones, others, strict=True):
            assert part is same is None or torch.equal(part, same)
    assert ranker.encode_plain(log.head(5)) is None
    assert ranker.encode_plain({"site": ["s1", "s2"]}) is None


def test_a_dictionary_of_columns_is_none(ranker, log):
    columns = log.head(5).to_dict(as_series=False)

    assert ranker.predict(columns).shape == (5,)


def test_many_rows_take_the_way_of_frames(ranker, log, monkeypatch, built):
    ranker = copy.copy(ranker)
    ranker._plain_scorer = None
    monkeypatch.setattr(rows, "MAX_PLAIN_ROWS", 2)

    ranker.predict(log.head(3).to_dicts())
    assert built == []

    ranker.predict(log.head(2).to_dicts())
    assert built == [1]


def test_threads_share_one_look_up(ranker, log, built):
    ranker = copy.copy(ranker)
    ranker._plain_scorer = None
    data = log.drop("query").head(40).to_dicts()
    wanted = ranker.predict(log.head(40)).tolist()

    with ThreadPoolExecutor(8) as pool:
        found = [float(one[0]) for one in pool.map(ranker.predict, data * 5)]

    np.testing.assert_allclose(found, wanted * 5, rtol=0, atol=1e-6)
    assert built == [1]


def test_another_model_is_not_scored_with_the_old_one(ranker, both_labels, row):
    ranker = copy.copy(ranker)
    before = ranker.predict(row)

    ranker.model = copy.deepcopy(ranker.model)
    for weight in ranker.model.parameters():
        weight.data.zero_()

    assert ranker.predict(row) != before


@pytest.mark.parametrize(
    "clone", [copy.deepcopy, lambda ranker: pickle.loads(pickle.dumps(ranker))]
)
def test_copies_predict_the_same(ranker, row, clone):
    wanted = ranker.predict(row).tolist()

    assert clone(ranker).predict(row).tolist() == wanted


def test_a_loaded_ranker_predicts_the_same(ranker, row, tmp_path):
    ranker.save(tmp_path / "ranker")

    loaded = Ranker.load(tmp_path / "ranker")

    assert loaded.predict(row).tolist() == ranker.predict(row).tolist()


def test_no_frame_is_made(ranker, row, monkeypatch):
    def forbidden(*_arguments, **_settings):
        raise AssertionError

    ranker.predict(row)
    monkeypatch.setattr(pl.DataFrame, "__init__", forbidden)
    monkeypatch.setattr(pl, "from_dicts", forbidden)

    assert ranker.predict(row).shape == (1,)
