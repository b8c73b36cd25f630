"""Notes what a process does that no loading of a ranker should do."""

import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import Any

__all__ = ["watch"]

FORBIDDEN = (
    *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"),
    *("subprocess.", "socket.", "shutil.", "urllib.", "http.", "ftplib.", "smtplib."),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link"),
    *("os.symlink", "os.chmod", "os.chown", "os.putenv", "os.unsetenv", "os.kill"),
    *("pickle.find_class", "code.", "pty.", "webbrowser.", "tempfile."),
)
OWN = ("fieldwise", "benchmarks")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(folder: Path) -> list[str]:
    """Start to note what this process does; it cannot be stopped.

    Code may come from the library, its dependencies and Python, never from elsewhere;
    files may be read there, in the folder and where the system describes itself.

    Args:
        folder: that may be read.

    Returns:
        What was noted; grows.
    """
    noted: list[str] = []
    code = _places_of_code()
    readable = (
        *code,
        f"{folder}{os.sep}",
        "/proc/",
        "/sys/",
        "/etc/localtime",
        "/usr/share/zoneinfo",
    )

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(FORBIDDEN) or _is_strange(event, arguments, code, readable):
            noted.append(f"{event} {arguments!r:.200}")

    sys.addaudithook(hook)
    return noted


def _is_strange(
    event: str,
    arguments: tuple[Any, ...],
    code: tuple[str, ...],
    readable: tuple[str, ...],
) -> bool:
    match event, arguments:
        case "open", (path, _, flags):
            writes = isinstance(flags, int) and bool(flags & WRITING)
            return writes or (isinstance(path, str) and not path.startswith(readable))
        case "exec", (what,):
            return not what.co_filename.startswith((*code, "<frozen "))
        case "compile", (_, name):
            return not str(name).startswith(code)
        case "ctypes.dlopen", (name,):
            return not str(name).startswith(code)
    return False


def _places_of_code() -> tuple[str, ...]:
    here = Path(__file__).resolve().parents[2]
    places = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib")]
    places += [
        *site.getsitepackages(),
        str(here / "fieldwise"),
        str(here / "benchmarks"),
    ]
    return tuple(f"{place}{os.sep}" for place in places)
