"""Damage to JSON: entries changed, doubled, nested, out of range; text that is none."""

import copy
import json
import math
from random import Random
from typing import Any

from benchmarks.fuzz.folder import MANIFEST, Damage, Folder

__all__ = ["SCHEMA_DAMAGE", "TEXT_DAMAGE", "WEIRD", "edit_anywhere"]

WEIRD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 2**31 - 1, 2**31, 2**40, 2**63, 10**9),
    *(10**30, 10**400, 0.0, -0.0, 0.5, 1e-320, 1e308, math.nan, math.inf, -math.inf),
    *("", "a", "\0", "../../../etc/passwd", "/etc/passwd", "C:\\x", "\ud800", "é" * 9),
    *("<script>", "${jndi:ldap://x}", "__import__('os').system('touch owned')"),
    *([], {}, [[]], [None], [0], [1.0, 0.0], [8] * 5000, ["x"] * 5000, {"a": {}}),
    *("x" * 100_000, [math.nan], [10**400], {"__class__": "os.system"}, ["site"]),
)
"""Values that an entry may be replaced by."""


def edit(folder: Folder) -> None:
    name = _name(folder)
    value = folder.json(name)
    for _ in range(folder.rng.choice((1, 1, 1, 2, 4))):
        value = edit_anywhere(value, folder.rng)
    folder.write_json(value, name)


def double_key(folder: Folder) -> None:
    """A key twice: the parsers of the world disagree about which one counts."""
    name = _name(folder)
    text = (folder.root / name).read_text("utf-8")
    places = [place for place, letter in enumerate(text) if letter == "{"]
    place = folder.rng.choice(places) + 1 if places else 0
    keys = ("schema", "name", "sha256", "model", "kind", "format_version", "slope")
    new = f'"{folder.rng.choice(keys)}": {json.dumps(folder.rng.choice(WEIRD))},'
    (folder.root / name).write_text(
        text[:place] + new + text[place:], "utf-8", errors="surrogatepass"
    )


def nest(folder: Folder) -> None:
    name = _name(folder)
    depth = folder.rng.choice((50, 500, 990, 5000, 200_000))
    text = json.dumps(folder.json(name))
    key = folder.rng.choice(("info", "schema", "arguments", "slope", "name"))
    if folder.rng.random() < 0.5:
        deep = "[" * depth + "]" * depth
    else:
        deep = '{"a":' * depth + "1" + "}" * depth
    text = text.replace(f'"{key}": ', f'"{key}": {deep}, "{key}2": ', 1)
    (folder.root / name).write_text(text, "utf-8")


def number_text(folder: Folder) -> None:
    """Numbers as text that no float and no integer of the machine can hold."""
    name = _name(folder)
    text = (folder.root / name).read_text("utf-8")
    places = [place for place, letter in enumerate(text) if letter in "0123456789"]
    place = folder.rng.choice(places or [0])
    new = folder.rng.choice(
        ("9" * 5000, "1e999", "-1e999", "1e-999", "0x10", "NaN", "Infinity", "1_000")
    )
    (folder.root / name).write_text(text[:place] + new + text[place + 1 :], "utf-8")


def encode(folder: Folder) -> None:
    path = folder.root / _name(folder)
    content = path.read_bytes()
    place = folder.rng.randrange(len(content) or 1)
    changed = (
        b"\xef\xbb\xbf" + content,
        content.decode().encode("utf-16"),
        content.decode().encode("utf-32"),
        content[:place] + b"\xff\xfe" + content[place:],
        content[:place] + b"\0" + content[place:],
        content[:place] + b"\\ud800" + content[place:],
        content[:place] + b"/* */" + content[place:],
        content * 2,
        b" " * 2**20 + content,
    )
    path.write_bytes(folder.rng.choice(changed))


def many_fields(folder: Folder) -> None:
    """A schema of thousands of fields that the files say nothing about."""
    manifest = folder.json(MANIFEST)
    fields = manifest["schema"]["fields"]
    sample = folder.rng.choice(fields)
    number = folder.rng.choice((100, 2000, 20_000))
    fields += [{**sample, "name": f"more{place}"} for place in range(number)]
    folder.write_json(manifest, MANIFEST)


def fields_moved(folder: Folder) -> None:
    manifest = folder.json(MANIFEST)
    fields = manifest["schema"]["fields"]
    match folder.rng.randrange(3):
        case 0:
            folder.rng.shuffle(fields)
        case 1:
            del fields[folder.rng.randrange(len(fields))]
        case _:
            fields.append(copy.deepcopy(folder.rng.choice(fields)))
    folder.write_json(manifest, MANIFEST)


def edit_anywhere(value: Any, rng: Random) -> Any:
    """Change one entry, at any depth, of plain JSON types."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.1:
        return copy.deepcopy(rng.choice(WEIRD))
    key = (
        rng.choice(list(value))
        if isinstance(value, dict)
        else rng.randrange(len(value))
    )
    choice = rng.random()
    changed = copy.copy(value)
    if choice < 0.1:
        del changed[key]
    elif choice < 0.15 and isinstance(changed, dict):
        changed[str(rng.choice(WEIRD))[:50]] = changed.pop(key)
    elif choice < 0.2 and isinstance(changed, list):
        changed *= rng.choice((2, 100))
    elif choice < 0.25:
        changed[key] = [changed[key]]
    else:
        changed[key] = edit_anywhere(changed[key], rng)
    return changed


def _name(folder: Folder) -> str:
    return folder.rng.choice((folder.manifest, *folder.texts))


TEXT_DAMAGE: dict[str, Damage] = {
    "entry changed": edit,
    "key doubled": double_key,
    "deep nesting": nest,
    "impossible number": number_text,
    "other encoding": encode,
}

SCHEMA_DAMAGE: dict[str, Damage] = {
    "thousands of fields": many_fields,
    "fields moved": fields_moved,
}
