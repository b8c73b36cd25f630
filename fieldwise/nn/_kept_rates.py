"""What was measured on this machine, kept from one process to the next."""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

__all__ = ["machine", "path", "read", "write"]

KINDS = frozenset({"native", "onednn", "bf16"})


def path() -> Path:
    """The file, beside the folder of encoded data.

    Not inside it: that folder is emptied now and then, and the machine stays.
    """
    root = os.environ.get("FIELDWISE_CACHE")
    folder = Path(root) if root else _platform_folder() / "fieldwise"
    return folder.with_name(f"{folder.name}-arithmetic.json")


def machine() -> str:
    """What the speed of products depends on: the processor and the version of torch."""
    return f"{_processor()}, torch {torch.__version__}"


def read(key: str) -> dict[str, float] | None:
    """What was measured on a machine.

    Args:
        key: as ``machine`` names it.

    Returns:
        Rates by kind; None if there are none, or the file is damaged.
    """
    rates = _entries().get(key)
    if not isinstance(rates, dict) or not {"native", "onednn"} <= set(rates) <= KINDS:
        return None
    if not all(isinstance(rate, float) and rate > 0 for rate in rates.values()):
        return None
    return rates


def write(key: str, rates: Mapping[str, float]) -> None:
    """Keep what was measured; where the folder cannot be written, nothing happens.

    Args:
        key: as ``machine`` names it.
        rates: by kind.
    """
    target = path()
    text = json.dumps(_entries() | {key: dict(rates)}, indent=1, sort_keys=True)
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(
            prefix=f".{target.name}.", dir=target.parent
        )
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(partial).replace(target)
        except OSError:
            Path(partial).unlink(missing_ok=True)


def _entries() -> dict[str, Any]:
    try:
        entries = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _platform_folder() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    # A relative path there is invalid and must be ignored, says the specification.
    xdg = Path(os.environ.get("XDG_CACHE_HOME") or ".")
    return xdg if xdg.is_absolute() else Path.home() / ".cache"


def _processor() -> str:
    """Name, family and model: clouds sell several processors under one name."""
    names = ("model name", "cpu family", "model")
    found: dict[str, str] = {}
    with suppress(OSError):
        # The first paragraph describes the first processor.
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
        for line in text.splitlines():
            name, _, value = (part.strip() for part in line.partition(":"))
            found[name] = value
    parts = [found[name] for name in names if name in found]
    return " ".join(parts) or platform.processor() or platform.machine()
