"""Damages folders and has them loaded: ``worker HOME SEED``.

Reads a kind and a number per line, prints what became of the folder as JSON per line.
What loads is a forked process, which lives as long as nothing goes wrong with it, but
not for ever. This process has imported everything and started no thread, so that forks
of it are quick and sound.
"""

import json
import shutil
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.fuzz.damage import do_damage
from benchmarks.fuzz.folder import Folder
from benchmarks.fuzz.loader import Loader

__all__ = ["serve"]

TEXTS = {"importances": ("about.json",), "selections": ("kept.json",)}


def serve(home: Path, seed: int) -> None:
    """Answer until there are no more numbers.

    Args:
        home: as ``prepare`` makes it.
        seed: decides, with the kind and the number, what happens.
    """
    for name in json.loads((home / "modules.json").read_text("utf-8")):
        with suppress(Exception):  # some were made by hand, or for one process only
            import_module(name)
    rows = json.loads((home / "rows.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="fieldwise-fuzz-") as work:
        loader = Loader(Path(work), rows)
        for line in sys.stdin:
            kind, number = line.split()
            result = _one(home, Path(work), loader, kind, f"{seed}-{kind}-{number}")
            print(json.dumps(result), flush=True)
        loader.stop()


def _one(
    home: Path, work: Path, loader: Loader, kind: str, name: str
) -> dict[str, Any]:
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
    return about | loader.load(root, kind, must_refuse=must_refuse)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
