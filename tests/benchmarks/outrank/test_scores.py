"""Reading both rankings."""

import pytest

from benchmarks.outrank.scores import in_common, peer_scores


def test_pairs_with_the_label_under_their_plain_names(tmp_path):
    (tmp_path / "pairwise_ranks.tsv").write_text(
        "FeatureA\tFeatureB\tScore\n"
        "f-(1)-(9; 100)\tlabel-(2; 100)\t0.5\n"
        "label-(2; 100)\tf-(1)-(9; 100)\t0.5\n"
        "g-(3; 88)\tlabel-(2; 100)\t0.1\n"
        "g-(3; 88)\tlabel-(2; 100)\t0.3\n"
        "label-(2; 100)\tlabel-(2; 100)\t0.6\n"
    )

    found = peer_scores(tmp_path)

    assert found == {"f-(1)": 0.5, "g": pytest.approx(0.2)}


def test_fields_that_both_ranked_in_one_order():
    first, second = in_common({"b": 2.0, "a": 1.0, "c": 0.0}, {"a": 3.0, "b": 4.0})

    assert (first.tolist(), second.tolist()) == ([1.0, 2.0], [3.0, 4.0])
