"""Lines of the log: JSON each, none that anybody waits for."""

import io
import json
import logging
import threading

import pytest

from fieldwise.serving.server import log as log_module
from fieldwise.serving.server.log import JsonLog


class SlowStream(io.StringIO):
    """Writes nothing before it is allowed to."""

    def __init__(self):
        super().__init__()
        self.is_open = threading.Event()

    def write(self, text):
        self.is_open.wait(10)
        return super().write(text)


def lines_of(log, stream):
    log.flush()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_a_json_object():
    stream = io.StringIO()
    log = JsonLog(stream)

    log.say({"message": "a\nb", "ms": 1.5})

    [line] = lines_of(log, stream)
    assert (line["message"], line["ms"]) == ("a\nb", 1.5)
    assert line["time"].endswith("Z")


def test_loggers_are_taken_over():
    stream, logger = io.StringIO(), logging.getLogger("tests of the log")
    log = JsonLog(stream)
    log.attach("tests of the log")

    try:
        int("inside")
    except ValueError:
        logger.exception("it broke", extra={"told": {"request_id": "r"}})

    [line] = lines_of(log, stream)
    assert (line["level"], line["message"]) == ("error", "it broke")
    assert line["request_id"] == "r"
    assert "'inside'" in line["traceback"]


def test_a_slow_reader_stops_nobody(monkeypatch):
    monkeypatch.setattr(log_module, "MAX_WAITING", 5)
    stream = SlowStream()
    log = JsonLog(stream)

    for number in range(50):
        log.say({"number": number})
    stream.is_open.set()
    log.flush()
    log.say({"number": 50})

    lines = lines_of(log, stream)
    lost = sum(line.get("lost_lines", 0) for line in lines)
    assert len(lines) + lost == 51
    assert lost > 0
    assert lines[-1]["number"] == 50


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_a_reader_that_is_gone(error):
    class Gone(io.StringIO):
        def write(self, text):
            raise error

    log = JsonLog(Gone())

    log.say({"message": "nobody hears it"})

    log.flush()
