"""The cost of each field, against the parameters of one embedding of all."""

import pytest

from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import CategoricalField, Schema
from fieldwise.search import field_costs


def test_costs_add_up_to_an_embedding_of_all(mixed_schema):
    names = [name for name in mixed_schema.names if name not in ("clicks", "constant")]
    schema = mixed_schema.select(names)
    embedding = FieldEmbedding(schema, embedding_dim=5)

    costs = field_costs(schema, embedding_dim=5)

    total = sum(weight.numel() for weight in embedding.parameters())
    assert sum(costs.values()) == total
    assert list(costs) == names
    assert costs["site"] == 5 * 5
    assert costs["history"] == 6 * 5
    assert costs["price"] == 4 * 5


def test_bytes(categorical_schema):
    costs = field_costs(categorical_schema, embedding_dim=16, unit="bytes")

    assert costs == {"site": 5 * 16 * 4, "device": 3 * 16 * 4, "hour": 4 * 16 * 4}


def test_impossible_arguments(categorical_schema):
    with pytest.raises(ValueError, match="unit must be one of"):
        field_costs(categorical_schema, embedding_dim=4, unit="bits")
    with pytest.raises(ValueError, match="embedding_dim must be positive"):
        field_costs(categorical_schema, embedding_dim=0)
    with pytest.raises(SchemaError, match="must be fitted"):
        field_costs(Schema((CategoricalField("site"),)), embedding_dim=4)
