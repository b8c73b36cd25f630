import numpy as np
import polars as pl

from fieldwise.schema import Schema
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.raw_blocks import RawBlocks
from fieldwise.selection.outrank.raw_columns import RawColumns
from fieldwise.selection.outrank.transforms import TRANSFORMS


def make(table, plan):
    schema = Schema.infer(table, label="click")
    blocks = RawBlocks(schema, plan)
    return blocks, blocks.make(RawColumns(table.lazy(), schema).look(table))


def test_names_are_categories_and_numbers_buckets():
    random = np.random.default_rng(0)
    table = pl.DataFrame(
        {
            "site": ["b", "a", None, "b"] * 100,
            "price": random.normal(size=400),
            "click": [0, 1] * 200,
        }
    )

    _, block = make(table, Plan())

    site, price = block.columns
    assert site.size == 3
    assert site.codes[0] == site.codes[3] != site.codes[1]
    assert site.codes[2] not in site.codes[:2]
    assert len(set(price.codes.tolist())) == 32
    assert block.label.codes.tolist() in ([0, 1] * 200, [1, 0] * 200)


def test_numbers_as_values_and_their_forms():
    random = np.random.default_rng(1)
    table = pl.DataFrame(random.normal(size=(400, 2)), schema=["price", "click"])

    blocks, block = make(table, Plan(numbers="values", transforms=True))

    assert block.columns[0].size == 400
    # A label that never repeats would have no class to compare.
    assert len(set(block.label.codes.tolist())) == 32
    assert len(blocks.forms) == len(block.forms) == len(TRANSFORMS)
    kept = [n for n, f in zip(blocks.forms, block.forms, strict=True) if f is not None]
    assert "sqrt(price)" in kept
    # One rises with the number, the other one is constant.
    assert {"asinh(price)", "price != 0"}.isdisjoint(kept)
