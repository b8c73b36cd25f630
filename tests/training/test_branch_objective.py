"""The loss of branches: by hand, and in shares of two processes that add up."""

import math
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch

from fieldwise.batch import Batch
from fieldwise.nn.branches import BranchLogits
from fieldwise.schema import Label
from fieldwise.training._branch_objective import BranchObjective
from fieldwise.training._objective import Objective
from fieldwise.training._ranks import Ranks
from fieldwise.training._shared_objective import SharedObjective

CLICK = Label("click", "binary", positive=1)
MONEY = Label("money", "real", center=0.0, scale=1.0)
TIME = Label("time", "real", center=0.0, scale=1.0)
KINDS = pytest.mark.parametrize("kind", ["adaptive", "detached", "distillation"])
LN2, LN3 = math.log(2), math.log(3)


def batch_of(labels, weights=None):
    labels = torch.as_tensor(labels)
    return Batch(
        indices=torch.empty(len(labels), 0, dtype=torch.int32),
        numbers=torch.empty(len(labels), 0),
        sequence_indices=torch.empty(0, dtype=torch.int32),
        sequence_offsets=torch.zeros(1, dtype=torch.int32),
        labels=labels,
        weights=weights,
    )


def ranks_of(rank=0, count=1, fabric=None):
    """Processes whose messages go through ``fabric``."""
    ranks = Ranks.__new__(Ranks)
    ranks.rank, ranks.count, ranks._fabric = rank, count, fabric
    return ranks


def objective_of(kind, *labels):
    return BranchObjective(Objective(labels), kind, labels, ranks_of())


def outputs_of(whole, *branches):
    """Logits with gradients."""
    tensors = [torch.tensor(v, requires_grad=True) for v in (whole, *branches)]
    return BranchLogits(tensors[0], tuple(tensors[1:]))


class TestAdaptive:
    def test_value_and_gradient_by_hand(self):
        outputs = outputs_of([0.0], [LN3], [-LN3])

        loss = objective_of("adaptive", CLICK)(outputs, batch_of([[0.0]]))
        loss.backward()

        # L = ln 2; behind is L_1 = ln 4 = 2 ln 2 by ln 2, ahead L_2 = ln 4/3.
        assert loss.item() == pytest.approx(LN2 + LN2 * 2 * LN2)
        # The weights are not detached: dL/dz (1 - L_1), with p = 1/2, and
        # dL_1/dz_1 (w + L_1), with p = 3/4.
        whole, (behind, ahead) = outputs
        assert whole.grad.item() == pytest.approx(0.5 * (1 - 2 * LN2))
        assert behind.grad.item() == pytest.approx(0.75 * (LN2 + 2 * LN2))
        assert ahead.grad.item() == 0

    def test_weights_may_be_held_fixed(self):
        outputs = outputs_of([0.0], [LN3], [-LN3])

        loss = objective_of("detached", CLICK)(outputs, batch_of([[0.0]]))
        loss.backward()

        # The same loss; dL/dz alone, and dL_1/dz_1 times the weight ln 2.
        assert loss.item() == pytest.approx(LN2 + LN2 * 2 * LN2)
        whole, (behind, ahead) = outputs
        assert whole.grad.item() == pytest.approx(0.5)
        assert behind.grad.item() == pytest.approx(0.75 * LN2)
        assert ahead.grad.item() == 0

    def test_gradient_is_that_of_the_formula(self):
        batch = batch_of([[0.0], [1.0], [1.0]])
        outputs = outputs_of([0.3, -0.2, 1.0], [1.0, -1.0, 0.5], [0.9, -2.0, -0.5])
        objective = Objective([CLICK])
        parts = [objective(logits, batch) for logits in (outputs[0], *outputs[1])]
        single = [
            torch.autograd.grad(part, logits)[0]
            for part, logits in zip(parts, (outputs[0], *outputs[1]), strict=True)
        ]

        objective_of("adaptive", CLICK)(outputs, batch).backward()

        whole, first, second = (part.item() for part in parts)
        assert first > whole
        assert second > whole
        torch.testing.assert_close(
            outputs.logits.grad, single[0] * (1 - first - second)
        )
        for logits, gradient, part in zip(
            outputs.branches, single[1:], (first, second), strict=True
        ):
            torch.testing.assert_close(logits.grad, gradient * (2 * part - whole))

    def test_branches_that_say_the_same_cost_nothing(self):
        batch = batch_of([[0.0], [1.0]])
        outputs = outputs_of(*[[0.3, -0.2]] * 3)

        loss = objective_of("adaptive", CLICK)(outputs, batch)

        assert loss == Objective([CLICK])(outputs.logits, batch)


class TestDistillation:
    def test_value_and_gradient_by_hand(self):
        outputs = outputs_of([0.0], [LN3], [0.0])

        loss = objective_of("distillation", CLICK)(outputs, batch_of([[1.0]]))
        loss.backward()

        # The whole says 1/2, so branches learn -(ln p + ln (1 - p)) / 2 of 3/4 and 1/2.
        branches = -0.5 * (math.log(0.75) + math.log(0.25)) + LN2
        assert loss.item() == pytest.approx(LN2 + branches)
        # The whole learns from the label alone, 1/2 - 1; branches p - 1/2.
        whole, (first, second) = outputs
        assert whole.grad.item() == pytest.approx(-0.5)
        assert first.grad.item() == pytest.approx(0.25)
        assert second.grad.item() == 0

    def test_the_teacher_is_not_pulled_towards_its_pupils(self):
        batch = batch_of([[0.0], [1.0]])
        alone = outputs_of([0.3, -0.2])
        taught = outputs_of([0.3, -0.2], [5.0, -7.0])

        for outputs in (alone, taught):
            objective_of("distillation", CLICK)(outputs, batch).backward()

        assert torch.equal(taught.logits.grad, alone.logits.grad)

    def test_real_labels_are_taught_as_they_are(self):
        outputs = outputs_of([[0.0, 5.0]], [[0.0, 3.0]])

        loss = objective_of("distillation", CLICK, MONEY)(
            outputs, batch_of([[1.0, 2.0]])
        )

        # (ln 2 + (5 - 2)^2) / 2, and (ln 2 + (3 - 5)^2) / 2
        assert loss.item() == pytest.approx(LN2 + 6.5)

    def test_two_real_labels(self):
        outputs = outputs_of([[1.0, 5.0]], [[4.0, 3.0]])

        loss = objective_of("distillation", MONEY, TIME)(
            outputs, batch_of([[0.0, 2.0]])
        )

        # (1 + 9) / 2, and ((4 - 1)^2 + (3 - 5)^2) / 2
        assert loss.item() == pytest.approx(5 + 6.5)

    def test_what_was_not_observed_is_not_taught(self):
        outputs = outputs_of([[1.0, 2.0], [3.0, 4.0]], [[9.0, 8.0], [7.0, 6.0]])
        labels = [[1.0, torch.nan], [0.0, 1.5]]

        loss = objective_of("distillation", CLICK, MONEY)(outputs, batch_of(labels))
        loss.backward()

        assert loss.isfinite()
        for logits in (outputs.logits, *outputs.branches):
            assert logits.grad[0, 1] == 0
            assert (logits.grad != 0).sum() == 3


@KINDS
def test_without_branches_it_is_the_loss_of_the_whole(kind):
    batch = batch_of([[0.0], [1.0]])
    outputs = outputs_of([0.3, -0.2])

    loss = objective_of(kind, CLICK)(outputs, batch)

    assert loss == Objective([CLICK])(outputs.logits, batch)


@KINDS
def test_one_column_is_as_good_as_a_vector(kind):
    batch = batch_of([[0.0], [1.0]])
    vectors = outputs_of([0.3, -0.2], [1.0, -1.0])
    columns = outputs_of([[0.3], [-0.2]], [[1.0], [-1.0]])
    objective = objective_of(kind, CLICK)

    assert objective(vectors, batch) == objective(columns, batch)


class Line:
    """Two processes, as two threads that wait for each other's tensors."""

    def __init__(self):
        self._barrier = Barrier(2, timeout=60)
        self._said = [None, None]

    def end(self, rank):
        line = self

        class End:
            def all_reduce(self, tensor, reduce_op):
                assert reduce_op == "sum"
                assert not tensor.requires_grad
                line._said[rank] = tensor
                line._barrier.wait()
                total = line._said[0] + line._said[1]
                line._barrier.wait()
                return total

        return End()


def loss_and_gradients(kind, labels, ranks, tensors, batch):
    tensors = [tensor.clone().requires_grad_() for tensor in tensors]
    objective = BranchObjective(SharedObjective(labels, ranks), kind, labels, ranks)
    loss = objective(BranchLogits(tensors[0], tuple(tensors[1:])), batch)
    loss.backward()
    return loss.detach(), [tensor.grad for tensor in tensors]


@KINDS
@pytest.mark.parametrize("labels", [(CLICK, MONEY), (CLICK,)])
def test_shares_of_two_processes_add_up(kind, labels):
    torch.manual_seed(0)
    shape = (8, len(labels))
    tensors = [torch.randn(shape) for _ in range(3)]
    targets = torch.randint(2, shape).float()
    targets[torch.rand(shape) < 0.3] = torch.nan
    batch = batch_of(targets, weights=torch.rand(8))
    # The second one has more rows than the first.
    parts = (slice(0, 3), slice(3, 8))
    line = Line()

    def run(rank):
        rows = parts[rank]
        mine = batch_of(batch.labels[rows], weights=batch.weights[rows])
        ranks = ranks_of(rank, 2, line.end(rank))
        cut = [tensor[rows] for tensor in tensors]
        return loss_and_gradients(kind, labels, ranks, cut, mine)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run, (0, 1))

    loss, gradients = loss_and_gradients(kind, labels, ranks_of(), tensors, batch)
    torch.testing.assert_close(first[0] + second[0], loss)
    for whole, *shares in zip(gradients, first[1], second[1], strict=True):
        torch.testing.assert_close(torch.cat(shares), whole)


def test_there_must_be_such_a_loss():
    message = "branch_loss must be one of 'adaptive', 'detached', 'distillation', got"
    with pytest.raises(ValueError, match=message):
        objective_of("sum", CLICK)
