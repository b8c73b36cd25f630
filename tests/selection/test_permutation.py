"""What permuting says of the rows for gates, marked by those for training."""

import numpy as np

from fieldwise.selection.permutation import rank_by_permutation
from fieldwise.sensitivity import permute_fields
from tests.selection.planted import strong_before_noise
from tests.selection.trained import planted_model


def test_is_measured_on_the_rows_for_gates():
    data, model = planted_model()

    found = rank_by_permutation(data, model=model, num_repeats=2, seed=3)

    expected = permute_fields(model, data.gate, metric="loss", num_repeats=2, seed=3)
    np.testing.assert_array_equal(found.scores, expected.scores)
    assert found.data_fingerprint == data.fingerprint
    assert strong_before_noise(found) > 0.95
