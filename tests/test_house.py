"""What the repository promises about itself."""

import ast
import inspect
import re
import subprocess
import tomllib
from collections import defaultdict
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
MAX_SHARED_LINES = 5
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


HANDED_ON = re.compile(r"(?:(\w+)=\1|\w+),")
"""An argument handed on under its own name: what the signature said, once more."""


def logic_of(path):
    """The lines of a file that compute something, numbered.

    Docstrings, imports, comments, lone punctuation and signatures do not, nor do
    arguments that are handed on as they came.
    """
    text = path.read_text(encoding="utf-8")
    dropped = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                dropped.update(range(node.lineno, node.end_lineno + 1))
            case ast.FunctionDef():
                dropped.update(range(node.lineno, node.body[0].lineno))
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    return [
        (number, line)
        for number, line in lines
        if number not in dropped
        and re.match(r"[^#]*\w", line)
        and not HANDED_ON.fullmatch(line)
    ]


def shared_logic(paths):
    """Where two of the files share more lines of logic in a row than they may."""
    places = defaultdict(list)
    for path in paths:
        lines = logic_of(path)
        for start in range(len(lines) - MAX_SHARED_LINES):
            window = lines[start : start + MAX_SHARED_LINES + 1]
            key = tuple(line for _, line in window)
            places[key].append(f"{path.name}:{window[0][0]}")
    return [
        found
        for found in places.values()
        if len({place.partition(":")[0] for place in found}) > 1
    ]


def test_no_two_models_share_logic():
    shared = shared_logic(path for path in SOURCES if path.parent.name == "models")

    assert shared == [], "move what models share to fieldwise/nn/"


def test_logic_that_was_copied_is_found(tmp_path):
    source = (ROOT / "fieldwise" / "models" / "fgcnn.py").read_text(encoding="utf-8")
    names = ("a.py", "b.py")
    for name in names:
        # Another class and another comment make no other model.
        text = source.replace("FGCNN", name[0].upper()).replace("# ", f"# {name} ")
        (tmp_path / name).write_text(text, encoding="utf-8")

    shared = shared_logic(tmp_path / name for name in names)

    first_line = source[: source.index("check_share(")].count("\n") + 1
    assert shared[0] == [f"{name}:{first_line}" for name in names]


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
