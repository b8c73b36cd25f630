"""What the repository promises about itself."""

import inspect
import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import fieldwise
from fieldwise import errors

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "fieldwise").rglob("*.py"))
PAGES = sorted((ROOT / "docs").rglob("*.md"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

MAX_LINES = 400
MAX_MODEL_LINES = 150
MAX_BYTES = 2**20
UNFINISHED = re.compile(r"\b(TODO|FIXME|NotImplementedError)\b")
DRAWERS = {"utils.py", "helpers.py", "misc.py", "common.py"}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def git_files():
    """Every file git knows or would add."""
    # The checkout may belong to another user, as it does on some CI machines.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    command += ["--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_one_version_everywhere():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - ", changelog, re.MULTILINE)

    assert headings, "CHANGELOG.md must have a heading '## [x.y.z] - date', got none."
    assert fieldwise.__version__ == PROJECT["project"]["version"] == headings[0]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source_file_is_short_and_finished(path):
    text = path.read_text(encoding="utf-8")
    limit = MAX_MODEL_LINES if path.parent.name == "models" else MAX_LINES

    assert len(text.splitlines()) <= limit
    assert UNFINISHED.findall(text) == []


def test_no_drawers():
    assert [relative(path) for path in git_files() if path.name in DRAWERS] == []


def test_no_large_files():
    large = [relative(path) for path in git_files() if path.stat().st_size > MAX_BYTES]

    assert large == []


def test_every_page_is_in_the_navigation():
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r"[\w/.-]+\.md", settings.partition("\nnav:\n")[2])

    assert sorted(listed) == [p.relative_to(ROOT / "docs").as_posix() for p in PAGES]


def exporting_packages():
    """The package and each of its rooms that names what it offers."""
    for init in (path for path in SOURCES if path.name == "__init__.py"):
        package = import_module(".".join(init.relative_to(ROOT).parent.parts))
        if hasattr(package, "__all__"):
            yield package


def test_everything_exported_is_in_the_reference():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    documented = set(re.findall(r"^::: (fieldwise[\w.]*)", pages, re.MULTILINE))
    exported = (
        getattr(package, name)
        for package in exporting_packages()
        for name in package.__all__
    )
    homes = {
        thing.__module__
        for thing in exported
        if inspect.isclass(thing) or inspect.isroutine(thing)
    }

    assert sorted(homes - documented) == [], "add a line '::: module' to docs/api/"


def test_every_layer_is_in_the_reference():
    page = (ROOT / "docs" / "api" / "nn.md").read_text(encoding="utf-8")
    layers = [
        relative(path).removesuffix(".py").replace("/", ".")
        for path in (ROOT / "fieldwise" / "nn").rglob("[!_]*.py")
    ]

    assert sorted(re.findall(r"^::: ([\w.]+)", page, re.MULTILINE)) == sorted(layers)


def test_architecture_page_tells_the_contract():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    flow = PROJECT["tool"]["importlinter"]["contracts"][0]
    levels = [re.findall(r"\w+", layer) for layer in reversed(flow["layers"])]
    rows = [
        f"| {level} | {', '.join(f'`{room}`' for room in rooms)} |"
        for level, rooms in enumerate(levels, start=1)
    ]

    assert flow["id"] == "flow"
    assert [row for row in rows if row not in page] == []


def test_tree_of_errors_is_the_documented_one():
    tree = [line for line in (errors.__doc__ or "").splitlines() if "──" in line]
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines()

    assert len(tree) == len(errors.__all__) - 1
    assert [line for line in page if "──" in line] == tree
