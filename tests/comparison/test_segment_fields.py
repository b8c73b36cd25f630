"""Fields whose values differ in the label, with the values of each row."""

import numpy as np
import polars as pl

from fieldwise.comparison.segment_fields import segment_fields
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.schema import Schema


def encoded(frame, **settings):
    schema = Schema.infer(frame, label="click", **settings)
    encoder = Encoder.fit(frame.lazy(), schema)
    return encoder, frame


def test_values_that_tell_something_come_with_every_row():
    random = np.random.default_rng(0)
    site = random.integers(0, 3, 600)
    frame = pl.DataFrame(
        {
            "site": [("a", "b", None)[value] for value in site],
            "weak": [
                f"w{value}" for value in np.where(random.random(600) < 0.3, site, 3)
            ],
            "noise": [f"n{value}" for value in random.integers(0, 40, 600)],
            "one": ["x"] * 600,
            "price": random.normal(size=600),
            "click": (random.random(600) < 0.1 + 0.4 * site).astype(int),
        }
    )
    encoder, frame = encoded(frame)
    new = frame.with_columns(
        site=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("new")).otherwise("site")
    )

    found = segment_fields(encoder, encode_frame(encoder, new, labelled=True))

    assert list(found)[:2] == ["site", "weak"]
    expected = ["(unknown)", *frame["site"].fill_null("(null)").to_list()[1:]]
    assert found["site"].to_list() == expected
    assert set(found) <= {"site", "weak", "noise"}


def test_a_label_that_never_varies_has_none():
    frame = pl.DataFrame({"site": ["a", "b"] * 20, "click": [0, 1] * 20})
    encoder, frame = encoded(frame)
    same = encode_frame(encoder, frame.with_columns(click=pl.lit(1)), labelled=True)

    assert segment_fields(encoder, same) == {}
