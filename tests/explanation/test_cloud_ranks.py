"""Places of pairs over a cloud: by hand, and by trying every choice of models."""

from itertools import product

import numpy as np

from fieldwise.explanation.cloud_ranks import cloud_ranks
from fieldwise.explanation.interaction_cloud import InteractionCloud


def cloud_of(scores, references, added=None):
    scores = np.array(scores, dtype=float)
    return InteractionCloud(
        names=tuple((f"f{place}", f"g{place}") for place in range(len(references))),
        scores=scores,
        added=np.zeros_like(scores) if added is None else np.array(added),
        factors=np.ones((*scores.shape, 2)),
        directions=np.full((scores.shape[1], 2), 0.5),
        references=np.array(references, dtype=float),
        beyond_pairs=np.array(references, dtype=float),
        loss=0.5,
        epsilon=0.01,
    )


def test_by_hand():
    # Sizes 3..4, 1..2 and 1.5..5, where the 9 is outside of the set.
    found = cloud_ranks(
        cloud_of(
            [[3, -4, 9], [1, 2, 1], [1.5, 5, 2]],
            [3, 1, 2],
            added=[[0, 0, 0.02], [0, 0, 0], [0, 0, 0]],
        )
    )

    assert found.first.tolist() == [1, 2, 1]
    assert found.last.tolist() == [2, 3, 3]
    # Of three couples only the first pair is before the second one for sure.
    assert found.settled == 1 / 3
    assert "f0 x g0 is never below place 2 of 3" in str(found)


def test_places_are_those_of_some_choice_of_models():
    random = np.random.default_rng(0)
    cloud = cloud_of(random.normal(size=(4, 3)) * [[1], [3], [9], [2]], [0.5] * 4)

    found = cloud_ranks(cloud)

    sizes = np.abs(np.concatenate([cloud.scores, cloud.references[:, None]], axis=1))
    places = np.array(
        [
            (-sizes[range(4), chosen]).argsort().argsort() + 1
            for chosen in product(range(4), repeat=4)
        ]
    )
    assert (found.first <= places.min(axis=0)).all()
    assert (found.last >= places.max(axis=0)).all()
    np.testing.assert_array_equal(found.first, places.min(axis=0))


def test_one_pair_and_none():
    one = cloud_ranks(cloud_of([[1, 2]], [1]))
    none = cloud_ranks(cloud_of(np.empty((0, 2)), []))

    assert (one.first.tolist(), one.last.tolist(), one.settled) == ([1], [1], 1.0)
    assert none.settled == 1.0
    assert "no pair" in str(none)
