"""Damage that knows no format: bits, bytes, truncations, files that change places."""

import shutil

from benchmarks.fuzz.folder import Damage, Folder

__all__ = ["BYTE_DAMAGE"]

JUNK = (
    b"",
    bytes(4096),
    b"null",
    b"[]",
    b"{}",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"PK\x03\x04" + bytes(64),
    b"PAR1" + bytes(8) + b"PAR1",
    b"\x89HDF\r\n\x1a\n" + bytes(64),
    b"\x7fELF" + bytes(64),
    b"import os; os.system('touch owned')\n",
    # A pickle that runs `touch owned` in whoever unpickles it.
    b"cposix\nsystem\n(S'touch owned'\ntR.",
)


def flip_bits(folder: Folder) -> None:
    path = folder.file()
    content = bytearray(path.read_bytes())
    for _ in range(folder.rng.choice((1, 1, 1, 2, 8, 64)) if content else 0):
        content[_place(folder, len(content))] ^= 1 << folder.rng.randrange(8)
    path.write_bytes(content)


def truncate(folder: Folder) -> None:
    path = folder.file()
    content = path.read_bytes()
    path.write_bytes(content[: folder.rng.randrange(len(content) or 1)])


def insert(folder: Folder) -> None:
    path = folder.file()
    content = path.read_bytes()
    place = _place(folder, len(content))
    new = folder.rng.randbytes(folder.rng.choice((1, 2, 7, 8, 1000)))
    path.write_bytes(content[:place] + new + content[place:])


def remove(folder: Folder) -> None:
    path = folder.file()
    content = path.read_bytes()
    start = _place(folder, len(content))
    path.write_bytes(content[:start] + content[start + folder.rng.randint(1, 64) :])


def overwrite(folder: Folder) -> None:
    path = folder.file()
    content = bytearray(path.read_bytes())
    start = _place(folder, len(content))
    length = folder.rng.choice((1, 4, 8, 32))
    new = folder.rng.choice(
        (bytes(length), b"\xff" * length, folder.rng.randbytes(length))
    )
    content[start : start + length] = new
    path.write_bytes(content)


def repeat(folder: Folder) -> None:
    path = folder.file()
    content = path.read_bytes()
    start = _place(folder, len(content))
    part = content[start : start + folder.rng.randint(1, 256)]
    path.write_bytes(content[:start] + part * folder.rng.choice((2, 100)))


def append(folder: Folder) -> None:
    path = folder.file()
    with path.open("ab") as file:
        file.write(folder.rng.randbytes(folder.rng.choice((1, 8, 4096))))


def junk(folder: Folder) -> None:
    folder.file().write_bytes(folder.rng.choice(JUNK))


def swap_files(folder: Folder) -> None:
    first, second = folder.file(), folder.file()
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)


def mix_rankers(folder: Folder) -> None:
    path = folder.file()
    other = folder.rng.choice(folder.others) / path.relative_to(folder.root)
    if other.is_file():
        shutil.copy(other, path)


def delete(folder: Folder) -> None:
    folder.file().unlink()


def _place(folder: Folder, size: int) -> int:
    """Anywhere, but often near the start or the end, where the structure stands."""
    if not size:
        return 0
    near = min(size, 300)
    return folder.rng.choice(
        (
            folder.rng.randrange(size),
            folder.rng.randrange(near),
            size - 1 - folder.rng.randrange(near),
        )
    )


BYTE_DAMAGE: dict[str, Damage] = {
    "bits flipped": flip_bits,
    "truncated": truncate,
    "bytes inserted": insert,
    "bytes removed": remove,
    "bytes overwritten": overwrite,
    "part repeated": repeat,
    "bytes appended": append,
    "junk": junk,
    "files swapped": swap_files,
    "file of another ranker": mix_rankers,
    "file deleted": delete,
}
