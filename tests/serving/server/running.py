"""Real servers in processes of their own, for tests."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx

START_SECONDS = 120
"""A loaded machine may take long to import what a server needs."""


class Server:
    """A running server, and what it has logged."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._new = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        ready = self.wait_for("ready", seconds=START_SECONDS)
        self.port = ready["port"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.versions = ready["rankers"]

    def _read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            self.lines.append(told)
            self._new.put(told)
        self._new.put(None)

    def wait_for(self, message, *, seconds=30):
        """The next line of the log with a message."""
        end = time.monotonic() + seconds
        while True:
            told = self._new.get(timeout=max(0.01, end - time.monotonic()))
            assert told is not None, f"the server ended: {self.lines[-3:]}"
            if told["message"] == message:
                return told

    def read_all(self):
        """Wait for the last line of a server that has ended."""
        self._reader.join(timeout=30)

    def client(self, **settings):
        return httpx.Client(base_url=self.url, timeout=60, **settings)

    def stop(self):
        """Ask it to end, and wait for that."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def running(*arguments, **environment):
    """Start a server and stop it afterwards."""
    command = [sys.executable, "-m", "fieldwise", "serve", "--drain", "0"]
    command += map(str, arguments)
    process = subprocess.Popen(
        [*command, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield Server(process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
