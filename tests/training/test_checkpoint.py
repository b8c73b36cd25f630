"""The file of a run's state: whole, exact, and never code."""

import json
import logging
import pickle

import pytest
import torch
from safetensors.torch import save_file

from fieldwise.training.checkpoint import Checkpoint, Snapshot

IDENTITY = "ab" * 32


@pytest.fixture
def checkpoint(tmp_path):
    return Checkpoint(tmp_path / "state", IDENTITY, seconds=0.0)


def snapshot(value=1.0):
    tensors = {
        "weight": torch.full((2, 3), value),
        "count": torch.tensor(2**40 + 1),
        "none": torch.empty(0, 4),
    }
    return Snapshot(tensors, {"best": float("-inf"), "epochs": [1, 2]})


def test_what_is_read_is_what_was_written(checkpoint):
    checkpoint.save(snapshot(0.1))

    found = checkpoint.load()

    assert set(found.tensors) == {"weight", "count", "none"}
    assert torch.equal(found.tensors["weight"], torch.full((2, 3), 0.1))
    assert found.tensors["count"].item() == 2**40 + 1
    assert found.tensors["none"].shape == (0, 4)
    assert found.values == {"best": float("-inf"), "epochs": [1, 2]}


def test_the_newest_replaces_the_others(checkpoint):
    for value in (1.0, 2.0):
        checkpoint.save(snapshot(value))

    assert checkpoint.load().tensors["weight"][0, 0] == 2.0
    assert [path.name for path in checkpoint.path.parent.iterdir()] == [
        checkpoint.path.name
    ]


def test_tied_tensors_are_allowed(checkpoint):
    shared = torch.arange(4.0)

    checkpoint.save(Snapshot({"one": shared, "other": shared[:2]}, {}))

    assert checkpoint.load().tensors["other"].tolist() == [0.0, 1.0]


def test_nothing_there_is_nothing(checkpoint):
    assert checkpoint.load() is None


def test_other_runs_have_other_files(tmp_path, checkpoint):
    checkpoint.save(snapshot())

    assert Checkpoint(tmp_path / "state", "cd" * 32).load() is None


@pytest.mark.parametrize("content", [b"", b"\x08", b"x" * 100, pickle.dumps({"a": 1})])
def test_a_damaged_file_means_a_new_start(checkpoint, caplog, content):
    checkpoint.save(snapshot())
    checkpoint.path.write_bytes(content)

    with caplog.at_level(logging.WARNING, "fieldwise"):
        assert checkpoint.load() is None

    assert "training starts from the beginning" in caplog.text


def test_a_file_of_another_run_under_this_name_is_refused(checkpoint, caplog):
    checkpoint.path.parent.mkdir()
    values = json.dumps({"identity": "cd" * 32, "values": {}})
    save_file({"a": torch.zeros(1)}, checkpoint.path, metadata={"values": values})

    with caplog.at_level(logging.WARNING, "fieldwise"):
        assert checkpoint.load() is None

    assert "another run" in caplog.text


def test_a_failed_write_leaves_the_old_state(checkpoint):
    checkpoint.save(snapshot(1.0))

    with pytest.raises(TypeError):
        checkpoint.save(Snapshot({"weight": torch.zeros(2)}, {"bad": object()}))

    assert checkpoint.load().tensors["weight"][0, 0] == 1.0
    assert len(list(checkpoint.path.parent.iterdir())) == 1


def test_when_it_is_due(tmp_path):
    assert Checkpoint(tmp_path, IDENTITY, seconds=0.0).is_due
    assert not Checkpoint(tmp_path, IDENTITY, seconds=1000.0).is_due
    with pytest.raises(ValueError, match="seconds must be"):
        Checkpoint(tmp_path, IDENTITY, seconds=-1.0)
