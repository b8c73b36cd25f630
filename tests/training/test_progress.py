"""A bar for people, silence for everything else."""

import io

import pytest
import torch

from fieldwise.training.history import EpochRecord
from fieldwise.training.progress import TrainingProgress

RECORD = EpochRecord(
    epoch=1,
    train_loss=0.5,
    valid_metrics={"auc": 0.75},
    learning_rate=1e-3,
    seconds=1.0,
    rows_per_second=100.0,
    improved=True,
)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def drive(enabled):
    bar = TrainingProgress(enabled=enabled, num_epochs=2, num_rows=300)
    with bar:
        for epoch in (1, 2):
            bar.start_epoch(epoch)
            for _ in range(3):
                bar.advance(100, torch.tensor(0.625))
            bar.finish_epoch(RECORD)


@pytest.fixture
def open_terminal(monkeypatch):
    """To be called in the test: pytest puts its own stderr back after fixtures ran."""

    def replace_stderr():
        stream = Terminal()
        monkeypatch.setattr("sys.stderr", stream)
        # Colours and width come from the environment; CI machines have neither.
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "120")
        return stream

    return replace_stderr


def test_silent_where_stderr_is_not_a_terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)

    drive(None)

    assert stream.getvalue() == ""


def test_a_terminal_sees_epoch_loss_rows_and_speed(open_terminal):
    terminal = open_terminal()

    drive(None)

    text = terminal.getvalue()
    for part in ("epoch 2/2", "300/300", "loss 0.5000", "auc 0.75000", "rows/s"):
        assert part in text


def test_silent_on_a_terminal_when_told_so(open_terminal):
    terminal = open_terminal()

    drive(False)

    assert terminal.getvalue() == ""


def test_the_loss_is_read_rarely(open_terminal, monkeypatch):
    open_terminal()
    reads = []
    monkeypatch.setattr(torch.Tensor, "item", lambda self: reads.append(1) or 0.5)
    bar = TrainingProgress(enabled=True, num_epochs=1, num_rows=12_000)
    bar.start_epoch(1)

    for _ in range(120):
        bar.advance(100, torch.tensor(0.5))

    # steps 1, 51 and 101
    assert len(reads) == 3
