"""PairEmbeddings: crosses of some pairs, products of others, tables for no more."""

import pytest
import torch

from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.pair_embeddings import PairEmbeddings, index_pairs
from fieldwise.schema import CategoricalField, Schema


def test_pairs_of_index_fields_in_row_major_order(mixed_schema):
    assert index_pairs(mixed_schema) == [
        ("site", "price"),
        ("site", "device"),
        ("site", "rank"),
        ("price", "device"),
        ("price", "rank"),
        ("device", "rank"),
    ]


def test_products_and_crosses(mixed_schema, mixed_batch):
    pairs = PairEmbeddings(
        mixed_schema,
        embedding_dim=2,
        memorized=[("site", "rank")],
        factorized=[("site", "device"), ("device", "rank")],
        cross_sizes=[4],
    )

    crosses, products = pairs(mixed_batch)

    site, device, rank = pairs.factorized(mixed_batch).unbind(1)
    assert pairs.factorized.fields == ("site", "device", "rank")
    assert torch.equal(crosses, pairs.memorized(mixed_batch))
    torch.testing.assert_close(products[:, 0], site * device)
    torch.testing.assert_close(products[:, 1], device * rank)
    assert pairs.out_features == 6
    # 4 crosses; 5 + 3 + 3 features; each with 2 numbers
    assert sum(p.numel() for p in pairs.parameters()) == 2 * (4 + 11)


def test_what_has_no_pair_is_left_out(categorical_schema, categorical_batch):
    pair = [("site", "hour")]
    given = {"embedding_dim": 3, "cross_sizes": [2]}
    memorized, factorized = (
        PairEmbeddings(categorical_schema, memorized=m, factorized=f, **given)
        for m, f in ((pair, []), ([], pair))
    )
    neither = PairEmbeddings(
        categorical_schema, embedding_dim=3, memorized=[], factorized=[]
    )

    assert [part.shape for part in memorized(categorical_batch)] == [(8, 1, 3)]
    assert [part.shape for part in factorized(categorical_batch)] == [(8, 1, 3)]
    assert neither(categorical_batch) == ()
    assert neither.out_features == 0
    assert list(neither.parameters()) == []


def test_rows_of_all_fields_have_length_one_together(frappe_sized):
    pairs = PairEmbeddings(
        frappe_sized,
        embedding_dim=4,
        memorized=[("f0", "f1")],
        factorized=[("f0", "f1")],
        cross_sizes=[5000],
    )

    for layer in (pairs.memorized, pairs.factorized):
        # Uniform: the largest entry is sqrt(3) standard deviations of 1 / sqrt(2 * 4).
        assert layer.table.std().item() == pytest.approx(8**-0.5, rel=0.02)
        assert layer.table.abs().max().item() == pytest.approx((3 / 8) ** 0.5, rel=0.01)


@pytest.fixture
def frappe_sized(categorical_schema):
    from fieldwise.schema import CategoricalField, Schema

    return Schema(
        tuple(
            CategoricalField(name, num_features=5000, value_type="int")
            for name in ("f0", "f1")
        )
    )


def test_models_of_other_pairs_are_not_the_same(categorical_schema):
    texts = {
        str(
            PairEmbeddings(
                categorical_schema, embedding_dim=2, memorized=[], factorized=[pair]
            )
        )
        for pair in index_pairs(categorical_schema)
    }

    assert len(texts) == 3


def test_errors(categorical_schema):
    given = {"memorized": [], "factorized": [], "cross_sizes": []}
    with pytest.raises(ValueError, match="embedding_dim must be positive, got 0"):
        PairEmbeddings(categorical_schema, embedding_dim=0, **given)
    given["factorized"] = [("site", "colour")]
    with pytest.raises(SchemaError, match="colour"):
        PairEmbeddings(categorical_schema, embedding_dim=1, **given)


def test_too_many_pairs_are_refused_before_they_are_listed():
    fields = tuple(CategoricalField(f"field{place}") for place in range(20_000))

    with pytest.raises(SchemaError, match=r"at most 262144 pairs .* got 199990000"):
        index_pairs(Schema(fields))
