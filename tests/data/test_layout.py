"""Columns of the encoded matrix."""

import pytest

from fieldwise.data.layout import RowLayout
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

FIELDS = (
    NumericField("age", encoding="standard", center=0.0, scale=1.0),
    CategoricalField("site", num_features=4, value_type="string"),
    VectorField("text", vector_dim=3),
    NumericField("price", encoding="quantile", num_features=5),
    SequenceField("tags", num_features=6, value_type="string"),
    VectorField("image", vector_dim=2),
)
LABELS = (Label("click", "binary", positive=1), Label("money", "real"))


def test_by_hand():
    schema = Schema(FIELDS, LABELS, weight="weight", group="query")

    layout = RowLayout.of(schema, labelled=True)

    # site price | age | text text text | image image | click money | weight | query
    assert layout.num_indices == 2
    assert layout.numbers == slice(2, 3)
    assert layout.vectors == (slice(3, 6), slice(6, 8))
    assert layout.labels == slice(8, 10)
    assert (layout.weight, layout.group, layout.width) == (10, 11, 12)


def test_rows_to_predict_have_no_labels_weights_or_groups():
    schema = Schema(FIELDS, LABELS, weight="weight", group="query")

    layout = RowLayout.of(schema, labelled=False)

    assert layout.labels == slice(8, 8)
    assert not layout.has_weight
    assert not layout.has_group
    assert layout.width == 8


@pytest.mark.parametrize(
    ("weight", "group", "width"),
    [(None, None, 10), ("w", None, 11), (None, "q", 11), ("w", "q", 12)],
)
def test_every_column_has_one_owner(weight, group, width):
    layout = RowLayout.of(
        Schema(FIELDS, LABELS, weight=weight, group=group), labelled=True
    )

    owned = [*range(layout.num_indices)]
    for part in (layout.numbers, *layout.vectors, layout.labels):
        owned += range(part.start, part.stop)
    owned += [layout.weight] * layout.has_weight + [layout.group] * layout.has_group
    assert owned == list(range(layout.width))
    assert layout.width == width
