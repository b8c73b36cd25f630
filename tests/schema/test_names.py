"""What names say."""

import pytest

from fieldwise.schema._names import (
    is_clock_name,
    is_identifier_name,
    is_split_name,
    is_weight_name,
)


@pytest.mark.parametrize(
    "name",
    [
        *("user", "item", "movieId", "userID", "user_id", "userid", "adid", "ad-id"),
        *("PULocationID", "zip_code", "zipcode", "C1", "C26", "site category", "IP"),
        *("product_category_2", "flight", "flight_number", "origin_airport", "cat_1"),
        *("country", "city", "asin", "adgroup_id", "session"),
    ],
)
def test_identifiers(name):
    assert is_identifier_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("age", "fnlwgt", "education-num", "capital-gain", "I1", "item_price"),
        *("num_users", "count_of_items", "carrier_delay", "page_views", "bid", "paid"),
        *("humid", "covid", "valid", "price", "C", "", "123", "число"),
    ],
)
def test_quantities(name):
    assert not is_identifier_name(name)


@pytest.mark.parametrize(
    "name",
    ["time", "timestamp", "ts", "event_time", "unixtime", "date", "createdAt", "hour"],
)
def test_clocks(name):
    assert is_clock_name(name)


@pytest.mark.parametrize("name", ["age", "candidate", "price", "timber", ""])
def test_no_clocks(name):
    assert not is_clock_name(name)


def test_splits_and_weights():
    assert [is_split_name(name) for name in ("split", "Fold", "set", "splits")] == [
        True,
        True,
        True,
        False,
    ]
    assert [is_weight_name(name) for name in ("weight", "sample_weight", "fnlwgt")] == [
        True,
        True,
        False,
    ]
