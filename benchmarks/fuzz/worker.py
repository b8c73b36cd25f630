"""Damages folders and has them loaded: ``worker HOME SEED``.

Reads a kind and a number per line, prints what became of the folder as JSON per line.
One forked process damages, another one loads, which lives as long as nothing goes wrong
with it, but not for ever. This process has imported everything and starts no thread:
a fork of one with threads may wait for ever for what another thread had locked.
"""

import json
import shutil
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.fuzz.damage import do_damage
from benchmarks.fuzz.folder import Folder
from benchmarks.fuzz.loader import Loader

__all__ = ["serve"]

TEXTS = {"importances": ("about.json",), "selections": ("kept.json",)}

POOL = ("polars-0", "polars-1", "async-executor")
"""Names of threads that work for others; what cleans up in the background may stay."""


def serve(home: Path, seed: int) -> None:
    """Answer until there are no more numbers.

    Args:
        home: as ``prepare`` makes it.
        seed: decides, with the kind and the number, what happens.
    """
    for name in json.loads((home / "modules.json").read_text("utf-8")):
        with suppress(Exception):  # some were made by hand, or for one process only
            import_module(name)
    _check_threads()
    rows = json.loads((home / "rows.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="fieldwise-fuzz-") as work:
        context = get_context("fork")
        asking, asked = context.Pipe()
        damaging = context.Process(
            target=_damage_all, args=(home, Path(work), seed, asked), daemon=True
        )
        damaging.start()
        loader = Loader(Path(work), rows)
        for line in sys.stdin:
            asking.send(line.split())
            kind, about, must_refuse = asking.recv()
            root = Path(work) / "folder"
            result = about | loader.load(root, kind, must_refuse=must_refuse)
            print(json.dumps(result), flush=True)
        loader.stop()
        damaging.terminate()


def _check_threads() -> None:
    names = [
        file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm")
    ]
    pools = [name for name in names if name.startswith(POOL)]
    if pools:
        message = f"a process that forks must have no pool of threads, got {pools}."
        raise RuntimeError(message)


def _damage_all(home: Path, work: Path, seed: int, asked: Connection) -> None:
    while True:
        kind, number = asked.recv()
        asked.send((kind, *_damage(home, work, kind, f"{seed}-{kind}-{number}")))


def _damage(
    home: Path, work: Path, kind: str, name: str
) -> tuple[dict[str, Any], bool]:
    """Make a damaged folder; what was done, and whether nothing may be loaded."""
    rng = Random(name)
    others = tuple(sorted((home / kind).iterdir()))
    source = rng.choice(others)
    root = work / "folder"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(source, root, symlinks=True)
    texts = {"texts": TEXTS[kind]} if kind in TEXTS else {}
    folder = Folder(root, others, home / "bombs", rng, **texts)
    done = do_damage(folder)
    must_refuse = kind == "rankers" and folder.has_wrong_sum(source)
    about = {
        "name": name,
        "source": source.name,
        "group": done.group,
        "damage": list(done.names),
        "signed": done.signed,
    }
    return about, must_refuse


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
