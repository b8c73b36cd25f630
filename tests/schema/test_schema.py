"""Schema: order, offsets, selection, inference, and the way to JSON and back."""

import json
import subprocess
import sys

import polars as pl
import pytest

from fieldwise.errors import SchemaError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

FIELDS = (
    SequenceField("items", num_features=7, value_type="int"),
    CategoricalField("site", num_features=5, value_type="string"),
    NumericField("age", center=40.0, scale=9.5, edges=(-1.0, 0.0, 1.5), has_nulls=True),
    NumericField("price", encoding="quantile", num_features=4, edges=(1.0, 2.0)),
    VectorField("text", vector_dim=3),
    CategoricalField("device", num_features=3, value_type="uint"),
)
LABELS = (
    Label("click", "binary", positive="yes"),
    Label("spent", "real", center=3.5, scale=2.0),
)


@pytest.fixture
def schema():
    return Schema(FIELDS, LABELS, weight="weight", group="user", time="seen")


class TestFields:
    def test_table_is_index_fields_then_sequences(self, schema):
        # site 5, price 4, device 3, then items 7: offsets 0, 5, 9, 12; 19 rows
        assert [field.name for field in schema.index_fields] == [
            "site",
            "price",
            "device",
        ]
        assert schema.table_sizes == (5, 4, 3, 7)
        assert schema.table_offsets == (0, 5, 9, 12)
        assert schema.num_features == 19

    def test_every_field_is_of_one_sort(self, schema):
        sorts = (
            schema.index_fields,
            schema.number_fields,
            schema.sequence_fields,
            schema.vector_fields,
        )

        found = [field.name for sort in sorts for field in sort]

        assert sorted(found) == sorted(schema.names)
        assert [field.name for field in schema.number_fields] == ["age"]

    def test_reads_like_a_sequence_and_like_a_mapping(self, schema):
        assert tuple(schema) == FIELDS
        assert len(schema) == 6
        assert schema["price"] is FIELDS[3]
        assert "price" in schema
        assert "click" not in schema

    def test_tasks(self, schema):
        assert schema.num_tasks == 2
        assert schema.label_names == ("click", "spent")
        assert Schema(FIELDS).num_tasks == 1

    def test_equal_parts_make_equal_schemas(self, schema):
        other = Schema(FIELDS, LABELS, weight="weight", group="user", time="seen")
        assert schema.num_features == 19  # what is cached must not count

        assert other == schema
        assert hash(other) == hash(schema)

    def test_unknown_name(self, schema):
        with pytest.raises(SchemaError, match=r"one of the fields \['items', .*'sit'"):
            schema["sit"]

    def test_sizes_before_fit(self):
        schema = Schema((CategoricalField("site"),))

        assert not schema.is_fitted
        with pytest.raises(SchemaError, match=r"'site' must be fitted\. Fit an"):
            _ = schema.num_features


class TestSelect:
    def test_keeps_schema_order_and_roles(self, schema):
        reduced = schema.select(["device", "site"])

        assert reduced.names == ("site", "device")
        assert reduced.labels == LABELS
        assert (reduced.weight, reduced.group, reduced.time) == (
            "weight",
            "user",
            "seen",
        )
        assert reduced.table_offsets == (0, 5)

    def test_all_is_the_same(self, schema):
        assert schema.select(schema.names) == schema

    def test_unknown_names_are_listed_together(self, schema):
        with pytest.raises(SchemaError, match=r"unknown \['sit', 'cost'\]"):
            schema.select(["site", "sit", "cost"])

    def test_none_is_refused(self, schema):
        with pytest.raises(SchemaError, match="at least one field, got none"):
            schema.select([])


class TestProblems:
    def test_are_collected(self):
        site = CategoricalField("site")

        with pytest.raises(SchemaError) as caught:
            Schema((site, site), (Label("site"),), weight="w", group="w")

        message = str(caught.value)
        assert "field names must differ, got ['site']" in message
        assert "a column must have one role, got ['w']" in message
        assert "a label must not be a field, got ['site']" in message

    def test_table_must_fit_32_bits(self):
        big = CategoricalField("a", num_features=2**31 - 1, value_type="int")
        one = CategoricalField("b", num_features=1, value_type="int")

        assert Schema((big,)).num_features == 2**31 - 1
        with pytest.raises(SchemaError, match=r"2147483647 rows, got 2147483648\. "):
            Schema((big, one))


class TestJSON:
    def test_round_trip(self, schema):
        assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema

    def test_round_trip_before_fit(self):
        schema = Schema((CategoricalField("site"), NumericField("age")))

        assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            (("fields", 1, "kind"), "text", "kind must be one of .*, got 'text'"),
            (("fields", 1, "kind"), ["numeric"], "kind must be one of"),
            (("fields", 1, "num_features"), "5", "'num_features' is '5'"),
            (("fields", 1, "num_features"), True, "'num_features' is True"),
            (("fields", 1, "num_features"), -5, "num_features must be positive"),
            (("fields", 1, "value_type"), "decimal", "'value_type' is 'decimal'"),
            (("fields", 1, "colour"), 1, "'colour' is unknown"),
            (("fields", 2, "edges"), [1.0, "2"], "'edges' is"),
            (("fields", 2, "center"), None, None),
            (("fields", 2, "center"), 40, None),
            (("fields", 1), 7, "data must be a schema"),
            (("fields",), None, "data must be a schema"),
            (("labels", 0, "positive"), [1], "'positive' is"),
            (("labels", 0, "kind"), "ordinal", "'kind' is 'ordinal'"),
            (("labels", 0), None, "Label must be a mapping, got None"),
            (("group",), 3, r"roles must be column names, got \{'group': 3\}"),
        ],
    )
    def test_every_entry_is_checked(self, schema, path, value, message):
        data = json.loads(json.dumps(schema.to_dict()))
        place = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

        if message is None:
            assert isinstance(Schema.from_dict(data), Schema)
        else:
            with pytest.raises(SchemaError, match=message):
                Schema.from_dict(data)

    @pytest.mark.parametrize("key", ["fields", "labels", "weight", "group", "time"])
    def test_missing_entry(self, schema, key):
        data = schema.to_dict()
        del data[key]

        with pytest.raises(SchemaError, match=f"must be a schema .*'{key}'"):
            Schema.from_dict(data)


class TestInfer:
    TABLE = pl.DataFrame(
        {
            "user": ["u1", "u2", "u1", "u2"],
            "price": [0.5, 2.5, 7.25, 1.0],
            "device": ["a", "b", "b", "a"],
            "click": [0, 1, 1, 0],
            "weight": [1.0, 2.0, 1.0, 2.0],
        }
    )

    def test_roles_fields_and_overrides(self):
        schema = Schema.infer(
            self.TABLE,
            label="click",
            weight="weight",
            group="user",
            overrides={"device": {"min_count": 1}},
        )

        assert schema == Schema(
            (NumericField("price"), CategoricalField("device", min_count=1)),
            (Label("click", "binary", positive=1),),
            weight="weight",
            group="user",
        )
        assert not schema.is_fitted

    def test_several_labels_keep_the_order_they_are_named_in(self):
        schema = Schema.infer(self.TABLE, label=["weight", "click"])

        assert schema.label_names == ("weight", "click")
        assert schema.num_tasks == 2

    def test_problems_are_collected(self):
        with pytest.raises(SchemaError) as caught:
            Schema.infer(self.TABLE, label="clik", ignore=["devise"])

        message = str(caught.value)
        assert "label must be a column of the table, got 'clik'" in message
        assert "(did you mean 'click'?)" in message
        assert "ignore must be a column of the table, got 'devise'" in message


def test_importing_the_schema_room_loads_no_heavy_library():
    script = (
        "import sys, fieldwise.schema;"
        "print(sorted({'torch', 'polars', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout

    assert printed.strip() == "[]"
