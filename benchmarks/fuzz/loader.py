"""A forked process that loads folders, one after the other, until one harms it."""

import json
import os
import select
import signal
from pathlib import Path
from typing import Any, final

from benchmarks.fuzz.loading import load_watched, restrict
from benchmarks.fuzz.watching import watch

__all__ = ["Loader"]

WALL_SECONDS = 120
"""For what waits without computing; what computes has seconds of processor time."""
MAX_FOLDERS = 200
HANGS = (-signal.SIGKILL, -signal.SIGXCPU)


@final
class Loader:
    """Loads folders elsewhere.

    Args:
        work: folder that all of them are in.
        rows: for rankers to predict.
    """

    def __init__(self, work: Path, rows: list[dict[str, Any]]) -> None:
        self._work = work
        self._rows = rows
        self._child = 0
        self._left = 0
        self._questions = self._answers = -1

    def load(self, folder: Path, kind: str, *, must_refuse: bool) -> dict[str, Any]:
        """Load one folder.

        Args:
            folder: of a ranker, an importance or a selection.
            kind: which of these, in the plural.
            must_refuse: whether a checksum is wrong, so that nothing may be loaded.

        Returns:
            The outcome, what was said, and the memory in bytes it took.
        """
        if not self._left:
            self.stop()
            self._start()
        self._left -= 1
        question = json.dumps([str(folder), kind, must_refuse])
        os.write(self._questions, f"{question}\n".encode())
        answer = self._read_line()
        if answer:
            result: dict[str, Any] = json.loads(answer)
            if result["outcome"] == "forbidden act":
                self.stop()
            return result
        status = self.stop()
        outcome = "hang" if status in HANGS else "crash"
        return {"outcome": outcome, "message": f"status {status}", "bytes": 0}

    def stop(self) -> int:
        """End the process, if there is one.

        Returns:
            How it ended.
        """
        if not self._child:
            return 0
        os.close(self._questions)
        os.close(self._answers)
        _, status = os.waitpid(self._child, 0)
        self._child = self._left = 0
        return os.waitstatus_to_exitcode(status)

    def _start(self) -> None:
        asked, self._questions = os.pipe()
        self._answers, answering = os.pipe()
        self._left = MAX_FOLDERS
        self._child = os.fork()
        if self._child == 0:
            os.close(self._questions)
            os.close(self._answers)
            self._serve(asked, answering)
        os.close(asked)
        os.close(answering)

    def _serve(self, asked: int, answering: int) -> None:
        os.chdir(self._work)
        restrict()
        noted = watch(self._work)
        with os.fdopen(asked) as questions:
            for line in questions:
                folder, kind, must_refuse = json.loads(line)
                result = load_watched(
                    Path(folder), kind, self._rows, noted, must_refuse=must_refuse
                )
                os.write(answering, json.dumps(result).encode() + b"\n")
        # Threads of libraries need not be waited for.
        os._exit(0)

    def _read_line(self) -> str:
        content = b""
        while not content.endswith(b"\n"):
            ready, _, _ = select.select([self._answers], [], [], WALL_SECONDS)
            if not ready:
                os.kill(self._child, signal.SIGKILL)
            part = os.read(self._answers, 2**16)
            if not part:
                return ""
            content += part
        return content.decode()
