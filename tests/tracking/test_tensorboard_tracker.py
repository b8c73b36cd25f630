"""Event files, read back by TensorBoard itself."""

import sys

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from fieldwise.errors import MissingExtraError
from fieldwise.tracking import TensorBoardTracker


@pytest.fixture(scope="module")
def run(followed, tmp_path_factory):
    """The ranker, and what TensorBoard reads of its fit."""
    folder = tmp_path_factory.mktemp("board") / "run"
    ranker = followed(TensorBoardTracker(folder))
    events = EventAccumulator(str(folder))
    events.Reload()
    return ranker, events


def test_curves_have_a_point_per_epoch(run):
    ranker, events = run
    epochs = ranker.info["history"]["epochs"]

    for name, values in (
        ("loss/train", [epoch["train_loss"] for epoch in epochs]),
        ("learning_rate", [epoch["learning_rate"] for epoch in epochs]),
        ("valid/logloss", [epoch["valid_metrics"]["logloss"] for epoch in epochs]),
    ):
        points = events.Scalars(name)
        assert [point.step for point in points] == [1, 2, 3]
        # TensorBoard keeps 32 bits.
        assert [point.value for point in points] == pytest.approx(values, rel=1e-6)


def test_final_metrics_are_those_of_the_ranker(run):
    ranker, events = run

    final = {
        name: events.Scalars(name)[0].value
        for name in events.Tags()["scalars"]
        if name.startswith("final/")
    }

    valid = ranker.metrics["valid"]
    assert final == pytest.approx(
        {f"final/valid.{name}": value for name, value in valid.items()}, rel=1e-6
    )


def test_settings_are_a_table(run):
    _, events = run

    (tag,) = events.Tags()["tensors"]
    text = events.Tensors(tag)[0].tensor_proto.string_val[0].decode()

    assert text.startswith("| setting | value |\n| --- | --- |\n")
    assert "| model.name | lr |" in text
    assert "| recipe.num_epochs | 3 |" in text


def test_a_value_stays_in_its_cell(tmp_path):
    tracker = TensorBoardTracker(tmp_path)

    tracker.start({"name": "a | b\nc"})
    tracker.close(complete=True)

    events = EventAccumulator(str(tmp_path))
    events.Reload()
    text = events.Tensors("settings/text_summary")[0].tensor_proto.string_val[0]
    assert text.decode().splitlines()[2:] == [r"| name | a \| b c |"]


def test_closed_before_it_started(tmp_path):
    TensorBoardTracker(tmp_path / "none").close(complete=False)

    assert not (tmp_path / "none").exists()


def test_without_tensorboard(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)

    with pytest.raises(
        MissingExtraError, match=r"pip install 'fieldwise\[tensorboard\]'"
    ):
        TensorBoardTracker(tmp_path)
