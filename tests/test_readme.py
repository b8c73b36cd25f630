"""The code in README.md runs as it stands.

Every ``python`` block runs in a namespace and a folder of its own, and so does every
``bash`` block behind a line ``<!-- run -->``.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BASH_BLOCK = re.compile(
    r"^<!-- run -->\n+```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
MAX_SECONDS = 300


def blocks(pattern):
    """The blocks as (line number, code); one (0, "") if there is none, to fail on."""
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    found = [
        (text.count("\n", 0, match.start(1)) + 1, match.group(1))
        for match in pattern.finditer(text)
    ]
    return [pytest.param(*block, id=f"line-{block[0]}") for block in found or [(0, "")]]


@pytest.mark.parametrize(("line", "code"), blocks(PYTHON_BLOCK))
def test_python_block_runs(line, code, tmp_path, monkeypatch):
    assert code, "README.md must have a python block, got none."
    monkeypatch.chdir(tmp_path)

    # Empty lines in front, so that a traceback names the line of the README.
    exec(
        compile("\n" * (line - 1) + code, README.name, "exec"), {"__name__": "__main__"}
    )


@pytest.mark.parametrize(("line", "code"), blocks(BASH_BLOCK))
def test_bash_block_runs(line, code, tmp_path):
    assert code, "README.md must have a bash block after '<!-- run -->', got none."
    folder = Path(sys.executable).parent
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
        check=False,
    )

    assert done.returncode == 0, f"line {line}:\n{done.stdout}\n{done.stderr}"
