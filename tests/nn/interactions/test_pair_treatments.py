"""The mixture of treatments: its shares, its temperature, its noise."""

import math

import pytest
import torch

from fieldwise.nn.interactions.pair_treatments import (
    TREATMENTS,
    PairTreatments,
    read_treatments,
)


def mixture_of(logits, **settings):
    mixture = PairTreatments(len(logits), **settings)
    with torch.no_grad():
        mixture.logits.copy_(torch.tensor(logits))
    return mixture


def two_sides(num_pairs, num_rows=4, dim=3):
    torch.manual_seed(0)
    shape = (num_rows, num_pairs, dim)
    return torch.randn(shape), torch.randn(shape)


def test_mixture_by_hand():
    mixture = mixture_of([[math.log(1), math.log(2), math.log(5)]]).eval()

    out = mixture(torch.tensor([[[8.0, 0.0]]]), torch.tensor([[[0.0, 4.0]]]))

    # shares 1/8, 2/8 and 5/8, the last of nothing
    torch.testing.assert_close(out, torch.tensor([[[1.0, 1.0]]]))


def test_a_colder_mixture_by_hand():
    mixture = mixture_of([[math.log(1), math.log(2), math.log(5)]]).eval()
    mixture.step.fill_(10_000)

    out = mixture(torch.tensor([[[30.0, 0.0]]]), torch.tensor([[[0.0, 15.0]]]))

    # At temperature 1/2 the shares are squared: 1/30, 4/30 and 25/30.
    torch.testing.assert_close(out, torch.tensor([[[1.0, 2.0]]]))


@pytest.mark.parametrize("treatment", range(3))
def test_an_infinite_logit_is_a_fixed_choice(treatment):
    logits = torch.zeros(2, 3)
    logits[:, treatment] = 1e9
    mixture = mixture_of(logits.tolist(), gumbel=False)
    memorized, factorized = two_sides(2)

    expected = (memorized, factorized, torch.zeros_like(memorized))[treatment]
    for part in (mixture.train(), mixture.eval()):
        assert torch.equal(part(memorized, factorized), expected)


@pytest.mark.parametrize(
    ("step", "temperature"),
    [(0, 1.0), (10_000, 0.5), (19_800, 0.01), (1_000_000, 0.01)],
)
def test_temperature(step, temperature):
    mixture = PairTreatments(1)
    mixture.step.fill_(step)

    assert float(mixture.temperature) == pytest.approx(temperature, abs=1e-6)


def test_only_training_steps_cool():
    mixture, sides = PairTreatments(2), two_sides(2)

    for _ in range(3):
        mixture.train()(*sides)
        mixture.eval()(*sides)
        mixture(*sides)

    assert int(mixture.step) == 3


def test_steps_are_saved_and_not_averaged():
    mixture, other = PairTreatments(2), PairTreatments(2)
    mixture(*two_sides(2))

    other.load_state_dict(mixture.state_dict())

    assert int(other.step) == 1
    assert not mixture.state_dict()["step"].is_floating_point()


def test_noise_is_one_draw_a_pair_and_step():
    mixture = PairTreatments(2)
    ones = torch.ones(5, 2, 3)

    first, second = (mixture(ones, torch.zeros_like(ones)) for _ in range(2))

    # The same for all rows and dimensions; another one for each pair and step.
    assert torch.equal(first, first[:1, :, :1].expand(5, 2, 3))
    assert first[0, 0, 0] != first[0, 1, 0]
    assert first[0, 0, 0] != second[0, 0, 0]


def test_noise_depends_on_seed_and_step_alone():
    sides = two_sides(2)
    torch.manual_seed(3)
    mixture, other = PairTreatments(2), PairTreatments(2)
    assert mixture.seed != other.seed
    other.load_state_dict(mixture.state_dict())

    for _ in range(3):
        mixed = mixture(*sides)
        torch.rand(7)  # another process, with random numbers of its own
        assert torch.equal(other(*sides), mixed)


def test_noise_is_gumbels():
    mixture = PairTreatments(50_000)

    noise = mixture._gumbel()

    # Mean: Euler's constant; variance: pi squared by 6; each step draws anew.
    assert noise.mean().item() == pytest.approx(0.5772, abs=0.01)
    assert noise.var().item() == pytest.approx(math.pi**2 / 6, rel=0.02)
    mixture.step.add_(1)
    both = torch.stack([noise.flatten(), mixture._gumbel().flatten()])
    assert abs(torch.corrcoef(both)[0, 1].item()) < 0.01
    pairs = torch.stack([noise[:, 0], noise[:, 1], noise[:, 2]])
    assert (torch.corrcoef(pairs) - torch.eye(3)).abs().max() < 0.02


def test_noise_makes_each_treatment_as_frequent_as_it_is_probable():
    """The largest of logits and Gumbel noise is a draw from their softmax."""
    mixture = mixture_of([[math.log(1), math.log(2), math.log(5)]] * 20_000)
    mixture.step.fill_(1_000_000)
    torch.manual_seed(0)

    out = mixture(torch.ones(1, 20_000, 1), torch.full((1, 20_000, 1), 2.0))

    # So cold that nearly all pairs have one treatment: shares 1/8 and 2/8.
    share = [(out - number).abs().lt(0.1).double().mean() for number in (1, 2)]
    assert share[0] == pytest.approx(0.125, abs=0.01)
    assert share[1] == pytest.approx(0.25, abs=0.015)


def test_without_noise_training_is_evaluation():
    mixture = mixture_of([[0.3, -0.2, 0.1], [1.0, 2.0, 0.0]], gumbel=False)
    sides = two_sides(2)

    expected = mixture.eval()(*sides)
    assert torch.equal(mixture.train()(*sides), expected)


@pytest.mark.parametrize("gumbel", [False, True])
def test_gradients_of_a_pair_add_up_to_zero(gumbel):
    mixture = mixture_of([[0.3, -0.2, 0.1], [1.0, 2.0, 0.0]], gumbel=gumbel).double()
    memorized, factorized = (side.double() for side in two_sides(2))

    mixture(memorized, factorized)[:, 0].square().sum().backward()

    gradient = mixture.logits.grad
    assert gradient[0].abs().min() > 0
    assert float(gradient[0].sum()) == pytest.approx(0, abs=1e-12)
    # The second pair was not looked at.
    assert gradient[1].tolist() == [0, 0, 0]


def test_probabilities_are_those_of_temperature_one():
    mixture = mixture_of([[math.log(1), math.log(2), math.log(5)]])
    mixture.step.fill_(1_000_000)

    expected = torch.tensor([[1 / 8, 2 / 8, 5 / 8]], dtype=torch.float64)
    torch.testing.assert_close(mixture.probabilities(), expected, rtol=1e-6, atol=0)


def test_choices_and_ties():
    rows = [[2.0, 1.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 0.0], [1.0, 1.0, 0.0]]

    # Of equal ones the cheapest.
    assert mixture_of(rows).choices() == (
        "memorize",
        "factorize",
        "naive",
        "factorize",
    )


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    assert PairTreatments(2)(*two_sides(2, num_rows)).shape == (num_rows, 2, 3)


def test_half_precision_in_half_precision_out():
    mixture = PairTreatments(2, gumbel=False)
    sides = two_sides(2)

    with torch.autocast("cpu", torch.bfloat16):
        out = mixture(*(side.bfloat16() for side in sides))

    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.float(), mixture(*sides), rtol=0.02, atol=0.02)


def test_there_must_be_a_pair():
    with pytest.raises(ValueError, match="num_pairs must be positive, got 0"):
        PairTreatments(0)


def test_reading_choices():
    assert read_treatments(None, num_pairs=2) == ("factorize",) * 2
    assert read_treatments("memorize", num_pairs=2) == ("memorize",) * 2
    assert read_treatments(list(TREATMENTS), num_pairs=3) == TREATMENTS
    assert read_treatments("naive", num_pairs=0) == ()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ("forget", "choices must be one of 'memorize', .* got 'forget'"),
        (["naive", "forget"], "choices must be one of .* got 'forget'"),
        (["naive"], r"choices must be one per pair \(2\), got 1"),
    ],
    ids=str,
)
def test_impossible_choices(choices, message):
    with pytest.raises(ValueError, match=message):
        read_treatments(choices, num_pairs=2)
