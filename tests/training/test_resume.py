"""A run that was killed and called again ends with the very same bits."""

from dataclasses import asdict, replace

import pytest

from fieldwise.training import Recipe, Trainer

RECIPE = Recipe(
    batch_size=16,
    num_epochs=4,
    learning_rate=0.03,
    embedding_l2=1e-3,
    l2_scope="touched",
    patience=1,
    plateau_factor=0.5,
    average_epochs=0.5,
    monitor="logloss",
)
NUM_ROWS = 90  # six steps an epoch: 5 x 16 and 10 rows


class Killed(BaseException):
    """Stands for the end of the process."""


def trainer(recipe, folder, **settings):
    return Trainer(
        recipe,
        accelerator="cpu",
        progress=False,
        checkpoints=folder,
        checkpoint_seconds=0.0,
        **settings,
    )


def kill_at(model, step):
    """Stop in the middle of a training step, the first being 0."""
    steps = iter(range(step))

    def count(module, _):
        if module.training and next(steps, None) is None:
            raise Killed

    return model.register_forward_pre_hook(count)


def without_clocks(history):
    drop = {"seconds", "rows_per_second"}
    return [
        {name: value for name, value in asdict(record).items() if name not in drop}
        for record in history.epochs
    ]


@pytest.fixture
def data(schema, make_dataset):
    return make_dataset(schema, NUM_ROWS), make_dataset(schema, 40, seed=1)


@pytest.mark.parametrize("optimizer", ["adam", "lazy_adam", "rowwise_adagrad"])
@pytest.mark.parametrize("step", [1, 4, 6, 9, 13])
def test_the_end_is_the_same_bit_for_bit(
    schema, make_model, data, tmp_path, assert_equal_bits, optimizer, step
):
    recipe = replace(RECIPE, optimizer=optimizer)
    whole, torn, resumed = (make_model(schema) for _ in range(3))
    expected = trainer(recipe, None).fit(whole, *data)
    hook = kill_at(torn, step)
    with pytest.raises(Killed):
        trainer(recipe, tmp_path).fit(torn, *data)
    hook.remove()

    lines = []
    history = trainer(recipe, tmp_path).fit(resumed, *data, log=lines.append)

    assert_equal_bits(resumed.state_dict(), whole.state_dict())
    assert history.best_epoch == expected.best_epoch
    assert history.stopped_early == expected.stopped_early
    assert without_clocks(history) == without_clocks(expected)
    rows = min(step % 6 * 16, NUM_ROWS)
    if step % 6 == 0:
        # a checkpoint between epochs: the next has not begun
        rows = 0
    assert lines[0] == f"resumed in epoch {step // 6 + 1} after {rows} of 90 rows"


@pytest.mark.parametrize("step", [4, 9])
def test_lazy_decay_goes_on(
    schema, make_model, data, tmp_path, assert_equal_bits, step
):
    recipe = replace(RECIPE, optimizer="lazy_adam", embedding_decay=0.1)
    whole, torn, resumed = (make_model(schema) for _ in range(3))
    trainer(recipe, None).fit(whole, *data)
    kill_at(torn, step)
    with pytest.raises(Killed):
        trainer(recipe, tmp_path).fit(torn, *data)

    trainer(recipe, tmp_path).fit(resumed, *data)

    assert_equal_bits(resumed.state_dict(), whole.state_dict())


def test_killed_again_and_again(schema, make_model, data, tmp_path, assert_equal_bits):
    whole, resumed = make_model(schema), None
    trainer(RECIPE, None).fit(whole, *data)

    for _ in range(100):
        resumed = make_model(schema)
        kill_at(resumed, 2)
        try:
            trainer(RECIPE, tmp_path).fit(resumed, *data)
        except Killed:
            continue
        break

    assert_equal_bits(resumed.state_dict(), whole.state_dict())


def test_without_validation_rows(schema, make_model, data, tmp_path, assert_equal_bits):
    whole, torn, resumed = (make_model(schema) for _ in range(3))
    trainer(RECIPE, None).fit(whole, data[0])
    kill_at(torn, 15)
    with pytest.raises(Killed):
        trainer(RECIPE, tmp_path).fit(torn, data[0])

    trainer(RECIPE, tmp_path).fit(resumed, data[0])

    assert_equal_bits(resumed.state_dict(), whole.state_dict())


def test_a_finished_run_is_not_trained_again(
    schema, make_model, data, tmp_path, assert_equal_bits
):
    first, second = make_model(schema), make_model(schema)
    expected = trainer(RECIPE, tmp_path).fit(first, *data)
    kill_at(second, 0)

    history = trainer(RECIPE, tmp_path).fit(second, *data)

    assert_equal_bits(second.state_dict(), first.state_dict())
    assert without_clocks(history) == without_clocks(expected)


def test_checkpoints_change_nothing(
    schema, make_model, data, tmp_path, assert_equal_bits
):
    plain, watched = make_model(schema), make_model(schema)

    trainer(RECIPE, None).fit(plain, *data)
    trainer(RECIPE, tmp_path).fit(watched, *data)

    assert_equal_bits(plain.state_dict(), watched.state_dict())


@pytest.mark.parametrize(
    ("changed", "settings"),
    [
        (replace(RECIPE, learning_rate=0.02), {}),
        (replace(RECIPE, seed=1), {}),
        (RECIPE, {"dropout": 0.3}),
    ],
)
def test_another_run_starts_from_the_beginning(
    schema, make_model, data, tmp_path, changed, settings
):
    trainer(RECIPE, tmp_path).fit(make_model(schema), *data)
    lines = []

    trainer(changed, tmp_path).fit(
        make_model(schema, **settings), *data, log=lines.append
    )

    assert lines[0].startswith("epoch 1:")


def test_other_rows_are_another_run(schema, make_model, make_dataset, data, tmp_path):
    trainer(RECIPE, tmp_path).fit(make_model(schema), *data)
    lines = []

    others = make_dataset(schema, NUM_ROWS, seed=9)
    trainer(RECIPE, tmp_path).fit(make_model(schema), others, data[1], log=lines.append)

    assert lines[0].startswith("epoch 1:")
