"""A pass over training rows: its sums, and how it goes on elsewhere."""

import pytest
from lightning_fabric import Fabric

from fieldwise.training import Recipe
from fieldwise.training._objective import Objective
from fieldwise.training._pass import TrainingPass
from fieldwise.training._step import TrainingStep
from fieldwise.training.optimizers._build import build_optimizers
from fieldwise.training.parameter_groups import ParameterGroups
from fieldwise.training.progress import TrainingProgress

SILENT = TrainingProgress(enabled=False, num_epochs=1, num_rows=1)


@pytest.fixture
def still(sites, make_additive):
    """A step that hardly moves its model."""
    model = make_additive(sites)
    groups = ParameterGroups.of(model)
    recipe = Recipe(learning_rate=1e-12)
    return TrainingStep(
        model,
        groups,
        build_optimizers(groups, recipe),
        recipe,
        Objective(sites.labels),
        Fabric(accelerator="cpu", devices=1),
    )


@pytest.fixture
def batches(sites, make_dataset):
    """Four rows and one row."""
    dataset = make_dataset(sites, num_rows=5)
    return [dataset.batch(slice(0, 4)), dataset.batch(slice(4, 5))]


def test_the_loss_counts_rows(sites, still, batches):
    objective = Objective(sites.labels)
    losses = [objective(still.model(batch), batch).item() for batch in batches]
    done, seen = TrainingPass(still), []

    done.run(batches, [4, 1], SILENT, lambda: seen.append(done.num_rows))

    # by hand: four rows of the first loss, one of the second
    assert done.loss == pytest.approx((4 * losses[0] + losses[1]) / 5)
    assert seen == [4, 5]
    assert done.rows_per_second > 0


def test_another_pass_goes_on_with_the_same_sums(still, batches):
    whole, first, second = (TrainingPass(still) for _ in range(3))
    whole.run(batches, [4, 1], SILENT, lambda: None)

    first.run(batches[:1], [4], SILENT, lambda: None)
    second.adopt(first.tensors(), first.to_dict())
    second.run(batches[second.num_batches :], [1], SILENT, lambda: None)

    assert second.loss == pytest.approx(whole.loss, rel=1e-9)
    assert (second.num_batches, second.num_rows) == (2, 5)
