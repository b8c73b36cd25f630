"""Every damage by name, and the choice of what happens to one folder."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import final

from benchmarks.fuzz.byte_damage import BYTE_DAMAGE
from benchmarks.fuzz.folder import Damage, Folder
from benchmarks.fuzz.json_damage import SCHEMA_DAMAGE, TEXT_DAMAGE
from benchmarks.fuzz.model_damage import MODEL_DAMAGE
from benchmarks.fuzz.path_damage import NAME_DAMAGE, PATH_DAMAGE
from benchmarks.fuzz.table_damage import TABLE_DAMAGE
from benchmarks.fuzz.weight_damage import WEIGHT_DAMAGE

__all__ = ["DAMAGES", "Done", "do_damage"]

ANY_FOLDER: Mapping[str, Mapping[str, Damage]] = {
    "bytes": BYTE_DAMAGE,
    "text": TEXT_DAMAGE,
    "tables": TABLE_DAMAGE,
    "paths": PATH_DAMAGE,
}
RANKER_ONLY: Mapping[str, Mapping[str, Damage]] = {
    "schema": SCHEMA_DAMAGE | NAME_DAMAGE,
    "model": MODEL_DAMAGE,
    "weights": WEIGHT_DAMAGE,
}
DAMAGES = {**ANY_FOLDER, **RANKER_ONLY}
"""Damages by what they are about and their name."""

SIGNED_SHARE = 0.7
TWICE_SHARE = 0.15
IMPOSSIBLE = (ValueError, LookupError, TypeError, OSError, RecursionError)
"""What a second damage may raise, where the first has left nothing to damage."""


@final
@dataclass(frozen=True)
class Done:
    """What happened to a folder.

    Args:
        group: what the first damage is about.
        names: of the damages, in order.
        signed: whether the checksums were made right afterwards.
    """

    group: str
    names: tuple[str, ...]
    signed: bool


def do_damage(folder: Folder) -> Done:
    """Damage a folder, once or twice, and perhaps repair the checksums.

    Args:
        folder: the copy.

    Returns:
        What happened.
    """
    done = [_damage_once(folder)]
    # Nobody can work on a pipe or a device.
    if done[0][0] != "paths" and folder.rng.random() < TWICE_SHARE:
        with suppress(*IMPOSSIBLE):
            done.append(_damage_once(folder))
    signed = folder.rng.random() < SIGNED_SHARE
    if signed:
        folder.sign()
    return Done(done[0][0], tuple(name for _, name in done), signed)


def _damage_once(folder: Folder) -> tuple[str, str]:
    known = dict(DAMAGES) if folder.is_ranker else dict(ANY_FOLDER)
    if not folder.tables():
        known.pop("tables")
    group = folder.rng.choice(list(known))
    name = folder.rng.choice(list(known[group]))
    known[group][name](folder)
    return group, name
