"""The code of the page scores rows where no fieldwise is installed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl

PAGE = Path(__file__).resolve().parents[3] / "docs" / "export.md"
HEAD = """
import sys
sys.modules["fieldwise"] = None
sys.modules["torch"] = None
"""
TAIL = """
rows = json.load(open("rows.json"))
found = [predict(part) for part in (rows, rows[:1], [])]
print(json.dumps([{k: v.tolist() for k, v in each.items()} for each in found]))
"""


def test_page_scores_rows_without_fieldwise(dcnv2, dcnv2_file, rows):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    # JSON has no dates, and no NaN.
    table = rows.with_columns(pl.col("day").cast(pl.String))
    text = json.dumps(table.to_dicts(), allow_nan=False)
    (dcnv2_file.parent / "rows.json").write_text(text, "utf-8")

    done = subprocess.run(
        [sys.executable, "-c", HEAD + code + TAIL],
        cwd=dcnv2_file.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    wanted = dcnv2.predict(rows)
    all_rows, one_row, no_row = json.loads(done.stdout)
    assert list(all_rows) == ["probability.click", "probability.paid", "value.spent"]
    for place, name in enumerate(all_rows):
        np.testing.assert_allclose(
            all_rows[name], wanted[:, place], rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(
            one_row[name], wanted[:1, place], rtol=1e-4, atol=1e-6
        )
        assert no_row[name] == []
