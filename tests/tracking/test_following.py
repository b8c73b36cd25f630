"""Trackers beside a fit, and never in its way."""

import logging
import signal

import numpy as np
import pytest

from fieldwise.tracking.following import tracked


class Noting:
    """Writes down what it is told."""

    def __init__(self):
        self.told = []

    def start(self, settings):
        self.told.append(("start", settings))

    def epoch(self, record):
        self.told.append(("epoch", record.epoch))

    def finish(self, ranker):
        self.told.append(("finish", ranker))

    def close(self, *, complete):
        self.told.append(("close", complete))

    @property
    def words(self):
        return [word for word, _ in self.told]


class Failing(Noting):
    """Raises at one word, and whenever it is closed after that."""

    def __init__(self, word):
        super().__init__()
        self.word = word

    def _raise(self, word):
        self.told.append((word, None))
        if word == self.word:
            message = f"no {word}"
            raise RuntimeError(message)

    def start(self, settings):
        self._raise("start")

    def epoch(self, record):
        self._raise("epoch")

    def finish(self, ranker):
        self._raise("finish")

    def close(self, *, complete):
        self._raise("close")


def weights(ranker):
    state = ranker.model.state_dict()
    return np.concatenate([tensor.numpy().ravel() for tensor in state.values()])


def test_everything_is_told_in_order(followed):
    tracker = Noting()

    ranker = followed(tracker)

    settings = tracker.told[0][1]
    assert tracker.words == ["start", "epoch", "epoch", "epoch", "finish", "close"]
    assert settings["model"] == {"name": "lr"}
    assert settings["recipe"] == ranker.info["recipe"]
    assert settings["data_fingerprint"] == ranker.info["data_fingerprint"]
    assert tracker.told[-2:] == [("finish", ranker), ("close", True)]
    assert ranker.metrics["valid"]["auc"] == 1.0


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("start", ["start", "close"]),
        ("epoch", ["start", "epoch", "close"]),
        ("finish", ["start", *["epoch"] * 3, "finish", "close"]),
        ("close", ["start", *["epoch"] * 3, "finish", "close"]),
    ],
)
def test_a_failing_tracker_changes_nothing(followed, caplog, word, told):
    failing, other = Failing(word), Noting()

    ranker = followed(failing, other)

    alone = followed()
    np.testing.assert_array_equal(weights(ranker), weights(alone))
    assert failing.words == told
    assert other.words == ["start", "epoch", "epoch", "epoch", "finish", "close"]
    warned = [
        r.getMessage() for r in caplog.records if "told no more" in r.getMessage()
    ]
    assert warned == [f"Failing failed and is told no more; the fit goes on: no {word}"]


def test_a_tracker_that_cannot_even_be_closed(followed, caplog):
    caplog.set_level(logging.INFO, "fieldwise")

    class Broken(Failing):
        def close(self, *, complete):
            message = "still no"
            raise OSError(message)

    followed(Broken("start"))

    assert "Broken could not be closed: still no" in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_fit_that_fails_is_closed_as_such(error):
    tracker = Noting()

    with pytest.raises(error), tracked([tracker], {}):
        raise error

    assert tracker.told == [("start", {}), ("close", False)]


@pytest.fixture
def interruptible():
    """A shell that starts tests in the background has them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("word", ["start", "epoch", "finish"])
def test_ctrl_c_is_not_swallowed(followed, word):
    class Interrupted(Failing):
        def _raise(self, told):
            if told == word:
                signal.raise_signal(signal.SIGINT)

        def close(self, *, complete):
            self.told.append(("close", complete))

    tracker = Interrupted(word)

    with pytest.raises(KeyboardInterrupt):
        followed(tracker)

    assert tracker.told[-1] == ("close", False)


def test_a_resumed_fit_tells_the_epochs_before(followed, tmp_path):
    class Killed(Noting):
        def epoch(self, record):
            super().epoch(record)
            if record.epoch == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        followed(Killed(), checkpoints=tmp_path / "state")
    again = Noting()
    followed(again, checkpoints=tmp_path / "state")

    epochs = [number for word, number in again.told if word == "epoch"]
    assert sorted(epochs) == [1, 2, 3]
    assert again.words[-2:] == ["finish", "close"]
