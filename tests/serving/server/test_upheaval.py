"""Servers under load whose workers die, whose rankers change, and which are stopped.

No answer may be wrong, and none that was accepted may be lost.
"""

import os
import shutil
import signal
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fieldwise.ranker import Ranker
from tests.serving.server.running import running

CLIENTS = 4


class Load:
    """Clients that ask again and again, each on a connection of its own."""

    def __init__(self, server, row):
        self.answers = []
        self.failures = []
        self.refused = 0
        self._server = server
        self._body = {"rows": [row]}
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def _ask(self):
        client = self._server.client()
        while not self._is_over.is_set():
            try:
                answer = client.post("/v1/predict", json=self._body)
            except httpx.ConnectError:
                self.refused += 1
                break
            except httpx.TransportError as error:
                self.failures.append(repr(error))
                continue
            found = answer.json()
            if answer.status_code == 200:
                score = found["predictions"]["click"][0]
                self.answers.append((found["version"], score))
            else:
                self.failures.append(found)
        client.close()

    def wait_for_more(self, count=20):
        """Until so many further answers have come."""
        wanted, end = len(self.answers) + count, time.monotonic() + 60
        while len(self.answers) < wanted and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.answers) >= wanted, self.failures[-3:]


@contextmanager
def loaded(server, row):
    load = Load(server, row)
    for thread in load._threads:
        thread.start()
    try:
        yield load
    finally:
        load._is_over.set()
        for thread in load._threads:
            thread.join()


@pytest.fixture
def folder(folders, tmp_path):
    """A copy of the ranker that a test may replace."""
    return shutil.copytree(folders / "clicks", tmp_path / "clicks")


def start(folder, *options):
    return running(folder, "--watch", "0.2", *options)


def test_new_versions_under_load(folder, ranker, other_ranker, rows):
    row = rows[0]
    with start(folder) as server, server.client() as client:
        first = server.versions["clicks"]
        with loaded(server, row) as load:
            load.wait_for_more()
            other_ranker.save(folder, overwrite=True)
            second = server.wait_for("new version")["version"]
            load.wait_for_more()
            # A version that is broken is refused, and the present one goes on.
            weights = folder / "weights.safetensors"
            weights.write_bytes(weights.read_bytes()[:-4])
            refused = server.wait_for("new version refused")
            load.wait_for_more()
            ranker.save(folder, overwrite=True)
            assert server.wait_for("new version")["version"] == first
            load.wait_for_more()
        metrics = client.get("/metrics").text

    assert load.failures == []
    wanted = {
        first: float(ranker.predict(row)[0]),
        second: float(other_ranker.predict(row)[0]),
    }
    assert abs(wanted[first] - wanted[second]) > 1e-3
    assert {version for version, _ in load.answers} == set(wanted)
    for version, score in load.answers:
        assert score == pytest.approx(wanted[version], abs=1e-6)
    assert refused["version"] == second
    assert "weights.safetensors" in refused["error"]
    outcomes = [line for line in metrics.splitlines() if "ranker_swaps_total{" in line]
    assert sorted(line.split()[-1] for line in outcomes) == ["1.0", "2.0"]


def test_a_killed_worker_is_replaced_under_load(folder, ranker, rows):
    row = rows[1]
    with start(folder, "--workers", 2) as server:
        workers = [line["pid"] for line in server.lines if line["message"] == "ready"]
        if len(workers) < 2:
            workers.append(server.wait_for("ready")["pid"])
        with loaded(server, row) as load:
            load.wait_for_more()
            os.kill(workers[0], signal.SIGKILL)
            died = server.wait_for("a worker died")
            load.wait_for_more()
            replaced = server.wait_for("ready", seconds=120)["pid"]
            load.wait_for_more()
        assert server.stop() == 0

    assert died["pid"] == workers[0]
    assert replaced not in workers
    # Whoever was just being answered by it has lost the connection, and knows it.
    assert len(load.failures) <= CLIENTS
    assert all("status" not in failure for failure in load.failures)
    assert load.refused == 0
    wanted = float(ranker.predict(row)[0])
    assert all(score == pytest.approx(wanted, abs=1e-6) for _, score in load.answers)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_stopped_under_load(folder, rows, workers):
    options = ["--workers", workers, "--drain", "1.5"]
    with (
        start(folder, *options) as server,
        server.client() as probe,
        loaded(server, rows[0]) as load,
    ):
        load.wait_for_more()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        ready = probe.get("/readyz")
        count = len(load.answers)
        time.sleep(0.3)
        assert len(load.answers) > count  # clients that know nothing are answered
        assert server.process.wait(timeout=60) == 0
        for thread in load._threads:
            thread.join()
        server.read_all()

    assert ready.status_code == 503
    assert ready.headers["Connection"] == "close"
    assert int(ready.headers["Retry-After"]) >= 1
    # A connection may be made in the moment in which the door closes: its client is
    # told so by a reset. Of all that was accepted no answer is lost.
    assert len(load.failures) <= CLIENTS
    assert load.refused == CLIENTS
    answered = [line for line in server.lines if line.get("endpoint") == "predict"]
    assert len(answered) == len(load.answers)
    assert {line["status"] for line in answered} == {200}


def test_workers_end_with_their_supervisor(folder):
    with start(folder, "--workers", 2) as server:
        workers = [line["pid"] for line in server.lines if line["message"] == "ready"]
        if len(workers) < 2:
            workers.append(server.wait_for("ready")["pid"])
        server.process.kill()
        server.process.wait()
        for _ in range(200):
            if not any(Path(f"/proc/{worker}").exists() for worker in workers):
                break
            time.sleep(0.1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port)).close()


def test_a_server_is_told_to_look(folder, other_ranker, rows):
    with running(folder, "--watch", "0", "--workers", 2) as server:
        if sum(line["message"] == "ready" for line in server.lines) < 2:
            server.wait_for("ready")
        other_ranker.save(folder, overwrite=True)
        os.kill(server.process.pid, signal.SIGHUP)
        found = {server.wait_for("new version")["version"] for _ in range(2)}
        with server.client() as client:
            answer = client.post("/v1/predict", json={"rows": rows[:1]}).json()

    assert found == {answer["version"]}
    wanted = float(Ranker.load(folder).predict(rows[0])[0])
    assert answer["predictions"]["click"][0] == pytest.approx(wanted, abs=1e-6)


def test_a_ranker_that_cannot_be_loaded_starts_nothing(folder):
    (folder / "calibrator.json").write_text("[]", "utf-8")

    for workers in (1, 2):
        refused = pytest.raises(AssertionError, match="the server ended")
        with refused, start(folder, "--workers", workers):
            pass
