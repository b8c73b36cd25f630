import numpy as np

from fieldwise.selection.outrank.noise import NOISE, noise_columns


def test_each_control_has_its_number_of_values():
    columns = list(noise_columns(2**14, seed=0))

    assert len(columns) == len(NOISE)
    sizes = [column.size for column in columns]
    assert sizes[:3] == [1, 2, 101]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 2**14
    assert all(len(np.unique(column.codes)) == column.size for column in columns)


def test_the_seed_decides_the_values():
    drawn = [list(noise_columns(100, seed=seed))[2].codes for seed in (0, 0, 1)]

    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
