import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.selection.outrank.column import Column, renumber
from fieldwise.selection.outrank.heuristics import HEURISTICS
from fieldwise.selection.outrank.noise import NOISE
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.scorer import Block, Scorer
from fieldwise.selection.outrank.target import Target


def bits(random, num_rows):
    return Column(random.integers(0, 2, num_rows, dtype=np.intp), 2)


def xor_blocks(num_blocks, num_rows, *, num_fields=4, seed=0):
    """The label is the first field, or the second, but not both."""
    random = np.random.default_rng(seed)
    for _ in range(num_blocks):
        columns = tuple(bits(random, num_rows) for _ in range(num_fields))
        label = columns[0].codes ^ columns[1].codes
        yield Block(columns, Column(label, 2))


@pytest.mark.parametrize("order", [2, 3])
def test_fields_that_matter_together_are_found(order):
    scores = Scorer(Plan(order=order), 4).run(xor_blocks(3, 5000))

    assert np.abs(scores.fields["score"]).max() < 0.002
    groups, joint = (
        (scores.pairs, scores.joint) if order == 2 else (scores.groups, scores.together)
    )
    holds_both = (groups < 2).sum(axis=1) == 2
    assert joint[holds_both] == pytest.approx(np.log(2), abs=0.01)
    assert np.abs(joint[~holds_both]).max() < 0.01
    assert scores.label == pytest.approx(np.log(2), abs=0.001)


def test_fields_against_each_other():
    random = np.random.default_rng(0)
    first, other = bits(random, 4000), bits(random, 4000)
    block = Block((first, other, first), bits(random, 4000))

    scores = Scorer(Plan(between=True), 3).run([block])

    found = dict(zip(map(tuple, scores.pairs.tolist()), scores.between, strict=True))
    assert found[0, 2] == pytest.approx(np.log(2), abs=0.001)
    assert abs(found[0, 1]) < 0.002
    assert np.isnan(scores.joint).all()


def test_pairs_take_turns():
    plan = Plan(order=2, max_combinations=4)
    scorer = Scorer(plan, 5)

    scorer.run(xor_blocks(5, 1024, num_fields=5))

    assert scorer.turns_of_pairs.tolist() == [2] * 10


def test_the_order_of_blocks_changes_nothing():
    blocks = list(xor_blocks(5, 1500))
    plan = Plan(order=2, redundancy=True)

    one, other = (Scorer(plan, 4).run(some) for some in (blocks, blocks[::-1]))

    assert np.array_equal(one.fields["score"], other.fields["score"])
    assert np.array_equal(one.noise["score"], other.noise["score"])
    assert np.array_equal(one.joint, other.joint)
    assert np.array_equal(one.between, other.between)


def test_a_short_last_block_is_left_out_unless_it_is_the_only_one():
    assert Scorer(Plan(), 4).run(xor_blocks(1, 50)).num_blocks == 1
    for last, plan, num_blocks in (
        (999, Plan(), 2),
        (1000, Plan(), 3),
        (1023, Plan(heuristic="published"), 2),
        (1024, Plan(heuristic="published"), 3),
    ):
        blocks = [*xor_blocks(2, 2000), *xor_blocks(1, last)]
        assert Scorer(plan, 4).run(blocks).num_blocks == num_blocks


def test_sorted_labels_are_seen_through_and_told():
    random = np.random.default_rng(0)
    label = np.repeat(np.arange(2), 2000)
    known = np.where(random.random(4000) < 0.9, label, 1 - label)
    block = Block((Column(known, 2),), Column(label, 2))
    alone = Block((Column(known[:2000], 2),), Column(label[:2000], 1))

    scores = Scorer(Plan(), 1).run([block, block, alone])

    # In the order of the rows, a shift would read the other label's rows.
    assert scores.fields["score"][0] == pytest.approx(0.368, abs=0.02)
    assert (scores.one_class, scores.num_blocks) == (1, 2)
    published = Scorer(Plan(heuristic="published"), 1).run([block])
    assert published.fields["score"][0] == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("heuristic", HEURISTICS)
def test_every_heuristic_tells_the_label_from_noise(heuristic):
    random = np.random.default_rng(0)
    label = bits(random, 4000)
    wrong = random.random(4000) < 0.2
    field = Column(np.where(wrong, 1 - label.codes, label.codes), 2)
    constant = Column(np.zeros(4000, dtype=np.intp), 1)

    scores = Scorer(Plan(heuristic=heuristic), 2).run([Block((field, constant), label)])

    assert scores.fields["score"][0] > 0.15
    assert scores.fields["score"][1] == pytest.approx(0.0, abs=1e-12)
    assert scores.label > 0.68
    noise = dict(zip(NOISE, scores.noise["score"], strict=True))
    assert abs(noise["noise of 2 values"]) < 0.02
    is_plain = heuristic == "plain"
    assert (noise["noise of 50,001 values"] > scores.fields["score"][0]) == is_plain


def test_forms_dropped_in_half_of_the_blocks_have_no_score():
    random = np.random.default_rng(0)
    label = bits(random, 2000)
    forms = (label, None, None), (label, label, None)

    found = Scorer(Plan(), 0, 3).run(Block((), label, some) for some in forms).forms

    assert found[0] == pytest.approx(np.log(2), abs=0.01)
    assert np.isnan(found[1:]).all()


def test_plain_scores_favour_many_values():
    random = np.random.default_rng(0)
    label = bits(random, 2**14)
    block = Block((label,), label)

    noise = {}
    for heuristic in ("plain", "corrected"):
        scores = Scorer(Plan(heuristic=heuristic), 1).run([block])
        noise[heuristic] = dict(zip(NOISE, scores.noise["score"], strict=True))

    assert noise["plain"]["noise of 50,001 values"] > 0.5
    assert abs(noise["corrected"]["noise of 50,001 values"]) < 0.02
    assert noise["corrected"]["noise that never repeats"] == 0.0


def test_without_rows_there_is_nothing_to_rank():
    empty = renumber(np.empty(0, dtype=np.intp), 1)
    with pytest.raises(DataError, match="got 0 blocks of one label each"):
        Scorer(Plan(), 1).run([Block((empty,), empty)])


@pytest.mark.parametrize("seed", range(4))
def test_no_noise_of_many_values_is_above_a_weak_field(seed):
    """Fields of about 0.005 nats in one block, where a single shift often fails."""
    random, num_rows = np.random.default_rng(seed), 18_000
    logit, columns = np.zeros(num_rows), []
    for num_values, effect in (
        (500, 0.8),
        (1500, 0.8),
        (5, 0.4),
        (50, 0.4),
        (500, 0.4),
    ):
        codes = random.integers(0, num_values, num_rows)
        worth = random.normal(size=num_values)
        logit += effect * ((worth - worth.mean()) / worth.std())[codes]
        columns.append(renumber(codes, num_values))
    for num_values in (20, 2000, 20_000, 50_000, 50_000, 50_000):
        codes = random.integers(0, num_values, num_rows)
        columns.append(renumber(codes, num_values))
    label = (random.random(num_rows) < 1 / (1 + np.exp(-logit))).astype(np.intp)
    rows = np.arange(2**14)
    block = Block(tuple(c.take(rows) for c in columns), Column(label, 2).take(rows))

    scores = Scorer(Plan(), len(columns)).run([block]).fields["score"]

    assert scores[5:].max() < scores[:5].min()


def test_more_blocks_leave_less_to_chance():
    random = np.random.default_rng(0)
    label, noise = bits(random, 4000), Column(random.integers(0, 800, 4000), 800)
    _, spread = Target(label).beyond_chance(noise)

    one, four = (
        Scorer(Plan(), 1).run([Block((noise,), label)] * count).fields["score"][0]
        for count in (1, 4)
    )

    # Two standard deviations are taken off one block, and half as much off four.
    assert four - one == pytest.approx(spread)
