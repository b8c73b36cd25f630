"""Damage to weights: headers that lie, offsets that overlap, numbers that are none."""

import json
import math
from typing import Any

import numpy as np

from benchmarks.fuzz.folder import Damage, Folder
from benchmarks.fuzz.json_damage import edit_anywhere

__all__ = ["WEIGHT_DAMAGE"]

WEIGHTS = "weights.safetensors"
TYPES = (
    "F64",
    "F32",
    "F16",
    "BF16",
    "I64",
    "I32",
    "I8",
    "U8",
    "BOOL",
    "C64",
    "F4",
    "X",
)


def lying_length(folder: Folder) -> None:
    header, body = _read(folder)
    size = len(header)
    lies = (0, 1, size - 1, size + 1, size + len(body), 2**31, 2**62, 2**64 - 1)
    lie = folder.rng.choice((*lies, 100_000_001, 99_999_999))
    _write_raw(folder, lie.to_bytes(8, "little"), header, body)


def padded_header(folder: Folder) -> None:
    header, body = _read(folder)
    header += b" " * folder.rng.choice((8, 1000, 2**20, 90_000_000))
    _write(folder, header, body)


def edit_header(folder: Folder) -> None:
    header, body = _read(folder)
    content = edit_anywhere(json.loads(header), folder.rng)
    _write(folder, json.dumps(content).encode("utf-8", "replace"), body)


def offsets(folder: Folder) -> None:
    content, body = _entries(folder)
    first, second = (folder.rng.choice(list(content)) for _ in range(2))
    start, end = content[first]["data_offsets"]
    content[first]["data_offsets"] = folder.rng.choice(
        (
            content[second]["data_offsets"],
            [end, start],
            [start, start],
            [start + 4, end + 4],
            [start, 2**62],
            [2**64 - 4, 2**64],
            [-4, end],
            [0, len(body)],
            [start + 1, end + 1],
            [float(start), float(end)],
        )
    )
    _write(folder, json.dumps(content).encode(), body)


def shapes(folder: Folder) -> None:
    content, body = _entries(folder)
    entry = content[folder.rng.choice(list(content))]
    size = math.prod(entry["shape"])
    entry["shape"] = folder.rng.choice(
        (
            [size],
            [1, *entry["shape"]],
            entry["shape"][::-1],
            [2**32, 2**32],
            [2**63, 0],
            [0],
            [],
            [-size],
            [1] * 2000,
            [size, 2],
            [2**64],
        )
    )
    _write(folder, json.dumps(content).encode(), body)


def types(folder: Folder) -> None:
    content, body = _entries(folder)
    for _ in range(folder.rng.choice((1, 1, 50))):
        content[folder.rng.choice(list(content))]["dtype"] = folder.rng.choice(TYPES)
    _write(folder, json.dumps(content).encode(), body)


def names(folder: Folder) -> None:
    content, body = _entries(folder)
    name = folder.rng.choice(list(content))
    new = ("../../x", "/etc/passwd", "", "__metadata__", "\0", "a" * 10**5, "training")
    content[folder.rng.choice(new)] = content.pop(name)
    _write(folder, json.dumps(content).encode(), body)


def doubled_names(folder: Folder) -> None:
    header, body = _read(folder)
    text = header.decode().strip()
    name = folder.rng.choice(list(json.loads(text)))
    new = json.dumps({name: {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}})
    _write(folder, f"{text[:-1]},{new[1:]}".encode(), body)


def empty_tensors(folder: Folder) -> None:
    content, body = _entries(folder)
    for place in range(folder.rng.choice((1, 1000, 300_000))):
        entry = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
        content[f"more{place}"] = entry
    _write(folder, json.dumps(content).encode(), body)


def numbers(folder: Folder) -> None:
    """Weights that are no numbers, or so large that logits are none."""
    content, body = _entries(folder)
    body = bytearray(body)
    for name in folder.rng.choice((list(content), [folder.rng.choice(list(content))])):
        start, end = content[name]["data_offsets"]
        if content[name]["dtype"] != "F32" or start == end:
            continue
        values = np.frombuffer(bytes(body[start:end]), dtype=np.float32).copy()
        new = folder.rng.choice((math.nan, math.inf, -math.inf, 3e38, -3e38, 1e-45))
        where = folder.rng.choice((slice(None), folder.rng.randrange(len(values))))
        values[where] = new
        body[start:end] = values.tobytes()
    _write(folder, json.dumps(content).encode(), bytes(body))


def metadata(folder: Folder) -> None:
    content, body = _entries(folder)
    values: tuple[Any, ...] = (
        {"format": "pt"},
        {"x": "y" * 10**6},
        {"x": 3},
        [],
        {"__reduce__": "os.system"},
    )
    content["__metadata__"] = folder.rng.choice(values)
    _write(folder, json.dumps(content).encode(), body)


def _read(folder: Folder) -> tuple[bytes, bytes]:
    content = (folder.root / WEIGHTS).read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    return content[8:end], content[end:]


def _entries(folder: Folder) -> tuple[dict[str, Any], bytes]:
    header, body = _read(folder)
    return json.loads(header), body


def _write(folder: Folder, header: bytes, body: bytes) -> None:
    _write_raw(folder, len(header).to_bytes(8, "little"), header, body)


def _write_raw(folder: Folder, length: bytes, header: bytes, body: bytes) -> None:
    (folder.root / WEIGHTS).write_bytes(length + header + body)


WEIGHT_DAMAGE: dict[str, Damage] = {
    "header of another length": lying_length,
    "header padded": padded_header,
    "header changed": edit_header,
    "offsets": offsets,
    "shapes": shapes,
    "types": types,
    "names of tensors": names,
    "names doubled": doubled_names,
    "empty tensors": empty_tensors,
    "numbers": numbers,
    "metadata": metadata,
}
