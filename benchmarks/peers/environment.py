"""The virtual environment the peers run in, with pinned versions."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

__all__ = ["ROOT", "build_environment", "installed", "peer_variables", "version_of"]

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def build_environment(folder: Path) -> Path:
    """Create the environment unless it is there; its interpreter.

    torch goes first and alone, so that the build of it which pip is set up to take
    here (a CPU build, say) decides what everything else settles on.
    """
    stamp = folder / ".requirements-done"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, _torch()], check=True)
    subprocess.run([*pip, "-r", str(REQUIREMENTS)], check=True)
    stamp.write_text(wanted)
    return python


def installed(python: Path | str) -> dict[str, str]:
    """Versions by package, as pip lists them."""
    command = [str(python), "-m", "pip", "freeze", "--exclude-editable"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    pairs = [line.split("==") for line in done.stdout.splitlines() if "==" in line]
    return {name.lower(): version for name, version in pairs}


def version_of(repository: str) -> str:
    """Commit of a checkout, or what can be said instead."""
    command = ["git", "-C", repository, "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # A plain folder inside another repository would name that one's commit.
    own = (Path(repository) / ".git").exists()
    return done.stdout.strip() if own and done.returncode == 0 else "not a checkout"


def peer_variables(fuxictr: str, threads: int) -> dict[str, str]:
    """Environment variables of every measured process."""
    path = [str(ROOT), *([fuxictr] if fuxictr else [])]
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
    return {
        "PYTHONPATH": os.pathsep.join(path),
        **dict.fromkeys(names, str(threads)),
    }


def _torch() -> str:
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith("torch=="))
