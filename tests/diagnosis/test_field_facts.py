"""What the training rows hold."""

import pytest

from fieldwise.diagnosis.field_facts import field_facts
from tests.diagnosis.conftest import small_table


def test_facts_are_those_of_the_table(observed):
    ranker, parts = observed
    table = small_table()
    train = table.filter(table["part"] == "train")

    facts = field_facts(ranker.encoder, parts["train"])

    filled = 1 - train["site"].null_count() / len(train)
    assert facts["site"]["num_values"] == 4
    assert facts["site"]["coverage"] == pytest.approx(filled)
    assert facts["site"]["rare_share"] == 0
    filled = 1 - train["price"].null_count() / len(train)
    assert facts["price"]["coverage"] == pytest.approx(filled)
    assert facts["price"]["num_values"] is None
    assert facts["tags"]["num_values"] == 2
