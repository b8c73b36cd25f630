"""The code of some pages of the documentation runs as it stands.

The ``python`` blocks of a page run in order, in one namespace, in an empty folder.
"""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", ["choosing_rows.md", "explain.md", "scikit_learn.md", "tracking.md"]
)
def test_code_of_a_page_runs(page, tmp_path, monkeypatch):
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = list(PYTHON_BLOCK.finditer(text))
    assert blocks, f"{page} must have a python block, got none."
    monkeypatch.chdir(tmp_path)

    namespace = {"__name__": "__main__"}
    for block in blocks:
        # Empty lines in front, so that a traceback names the line of the page.
        lines = "\n" * text.count("\n", 0, block.start(1))
        exec(compile(lines + block.group(1), page, "exec"), namespace)
