"""Damage to the folder itself: links, pipes, devices, names that leave it."""

import os

from benchmarks.fuzz.folder import MANIFEST, Damage, Folder

__all__ = ["NAME_DAMAGE", "PATH_DAMAGE"]

OUTSIDE = ("../../../../etc/passwd", "/etc/passwd", "..", ".", "", "a/../../x", "x\0y")
CODE = "open('owned', 'w').write('x')\n"


def link(folder: Folder) -> None:
    path = folder.file()
    path.unlink()
    name = path.name
    targets = ("/etc/passwd", "/dev/zero", "/dev/urandom", "/dev/tty", "/proc/kmsg")
    more = ("/proc/self/mem", "/proc/self/environ", name, "nowhere", ".", "..", "/")
    path.symlink_to(folder.rng.choice(targets + more))


def link_to_other(folder: Folder) -> None:
    path = folder.file()
    target = folder.rng.choice(folder.others) / path.relative_to(folder.root)
    path.unlink()
    path.symlink_to(target)


def pipe(folder: Folder) -> None:
    """A reader of a pipe waits for its writer, and here there is none."""
    path = folder.file()
    path.unlink()
    os.mkfifo(path)


def folder_for_file(folder: Folder) -> None:
    path = folder.file()
    path.unlink()
    path.mkdir()


def file_for_folder(folder: Folder) -> None:
    parents = [path.parent for path in folder.files() if path.parent != folder.root]
    if parents:
        target = folder.rng.choice(parents)
        target.rename(target.with_name("moved"))
        if folder.rng.random() < 0.5:
            target.symlink_to("moved")
        else:
            target.touch()


def sparse(folder: Folder) -> None:
    """A file that is huge and takes no space."""
    path = folder.file()
    size = folder.rng.choice((2**31, 2**33, 2**40))
    if folder.rng.random() < 0.5:
        path.write_bytes(b"")
    os.truncate(path, size)


def code_beside(folder: Folder) -> None:
    """Code where an import might find it."""
    names = ("__init__.py", "sitecustomize.py", "json.py", "torch.py", "weights.py")
    for name in (*names, "conftest.py", "model.py", "setup.py"):
        (folder.root / name).write_text(CODE)
    (folder.root / "vocabulary").mkdir(exist_ok=True)
    (folder.root / "vocabulary" / "__init__.py").write_text(CODE)


def names_of_sums(folder: Folder) -> None:
    manifest = folder.json(folder.manifest)
    sums = manifest.get("sha256")
    if not isinstance(sums, dict):
        return
    name = folder.rng.choice(list(sums))
    new = folder.rng.choice(OUTSIDE)
    if folder.rng.random() < 0.5:
        sums[new] = sums[name]
    else:
        sums[new] = sums.pop(name)
    folder.write_json(manifest, folder.manifest)


def names_of_fields(folder: Folder) -> None:
    manifest = folder.json(MANIFEST)
    parts = [*manifest["schema"]["fields"], *manifest["schema"]["labels"]]
    folder.rng.choice(parts)["name"] = folder.rng.choice(OUTSIDE)
    folder.write_json(manifest, MANIFEST)


PATH_DAMAGE: dict[str, Damage] = {
    "link": link,
    "link to another ranker": link_to_other,
    "pipe": pipe,
    "folder for a file": folder_for_file,
    "file for a folder": file_for_folder,
    "sparse file": sparse,
    "code beside": code_beside,
    "names of checksums": names_of_sums,
}

NAME_DAMAGE: dict[str, Damage] = {"names of fields": names_of_fields}
