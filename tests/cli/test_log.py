"""Who hears what the package logs."""

import logging

from fieldwise.cli.log import logged_to_file, only_shown, shown_log

LOG = logging.getLogger("fieldwise")


def test_file_holds_all_and_the_screen_each_warning_once(tmp_path, capsys):
    path = tmp_path / "log.txt"

    with shown_log(), logged_to_file(path):
        LOG.info("epoch %d", 1)
        LOG.warning("unknown: %s", {"site": 0.5})
        LOG.warning("unknown: %s", {"site": 0.6})
        LOG.debug("not wanted")

    shown = capsys.readouterr().err.splitlines()
    assert shown == ["epoch 1", "warning: unknown: {'site': 0.5}"]
    lines = path.read_text("utf-8").splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "INFO epoch 1",
        "WARNING unknown: {'site': 0.5}",
        "WARNING unknown: {'site': 0.6}",
    ]


def test_terminal_has_a_bar_instead_of_lines(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    with shown_log():
        LOG.info("epoch 1")
        LOG.warning("look")

    shown = capsys.readouterr().err
    assert "epoch" not in shown
    assert "warning: look" in shown


def test_log_is_as_before_afterwards(tmp_path):
    before = LOG.level, list(LOG.handlers)

    with shown_log(), logged_to_file(tmp_path / "log.txt"):
        assert LOG.level == logging.INFO

    assert (LOG.level, LOG.handlers) == before


def test_one_room_is_shown_and_everything_kept(tmp_path, capsys):
    room = logging.getLogger("fieldwise.comparison")

    with shown_log(), logged_to_file(tmp_path / "log.txt"), only_shown(room.name):
        LOG.info("epoch 1")
        room.info("fit 1 of 2")
        LOG.warning("look")
    with shown_log():
        LOG.info("epoch 2")

    shown = capsys.readouterr().err.splitlines()
    assert shown == ["fit 1 of 2", "warning: look", "epoch 2"]
    assert "epoch 1" in (tmp_path / "log.txt").read_text("utf-8")


def test_a_log_goes_on(tmp_path):
    path = tmp_path / "log.txt"
    for number in range(2):
        with logged_to_file(path, append=True):
            LOG.info("run %d", number)

    text = path.read_text("utf-8")
    assert "run 0" in text
    assert "run 1" in text
