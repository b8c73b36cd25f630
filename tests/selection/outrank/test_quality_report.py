import json

import pytest

from fieldwise.selection.outrank.quality_report import (
    ColumnQuality,
    Finding,
    QualityReport,
)

REPORT = QualityReport(
    num_rows=1000,
    columns=(
        ColumnQuality("site|x", 0.5, 1234, True, 0.25, (9, 8, 7, 6, 5, 4)),
        ColumnQuality("user", 1.0, 1_000_000, False, 0.0, (0, 0, 0, 0, 0, 0)),
    ),
    findings=(Finding("constant", ("day",), "'day' is the same."),),
)


def test_printed():
    assert repr(REPORT).splitlines() == [
        "Quality of 1,000 rows, 2 columns",
        "                values  filled    rare",
        "  site|x         1,234   50.0%   25.0%",
        "  user      ~1,000,000  100.0%    0.0%",
        "  constant: 'day' is the same.",
    ]


def test_plain_types_and_markdown():
    plain = json.loads(json.dumps(REPORT.to_dict()))

    assert plain["columns"][0]["repeated"] == [9, 8, 7, 6, 5, 4]
    assert plain["findings"][0]["columns"] == ["day"]
    page = REPORT.to_markdown().splitlines()
    assert page[0] == "- **constant**: 'day' is the same."
    assert page[4].startswith("| site\\|x | 1,234 | 50.0% | 25.0% | 9 | 8 |")
    assert QualityReport(0, (), ()).to_markdown().startswith("Nothing looks wrong.")


def test_a_column_by_name():
    assert REPORT["user"].num_values == 1_000_000
    with pytest.raises(KeyError):
        REPORT["no"]
