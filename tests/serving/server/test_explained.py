"""Explanations: those of the library, beside the rows an operator has chosen."""

import pytest

from fieldwise.errors import SchemaError
from fieldwise.explanation.explaining import explain
from fieldwise.serving.server.columns import check_rows
from fieldwise.serving.server.explained import explain_columns
from fieldwise.serving.server.served import load_served


def test_rows_are_compared_with_a_file(folders, log, rows, tmp_path):
    file = tmp_path / "background.parquet"
    log.head(40).write_parquet(file)
    served = load_served("clicks", folders / "clicks", background=file)

    found = explain_columns(
        served, check_rows(served.rules, rows[:3], max_rows=9), "click"
    )

    columns = check_rows(served.rules, rows[:3], max_rows=9)
    wanted = explain(served.ranker, columns.frame(), background=str(file))
    assert found["base"] == pytest.approx(wanted.contributions.base)
    for place, why in enumerate(found["explanations"]):
        added = {part["field"]: part["adds"] for part in why["contributions"]}
        told = dict(
            zip(
                wanted.contributions.names,
                wanted.contributions.values[place],
                strict=True,
            )
        )
        assert added == pytest.approx(told, abs=1e-6)


def test_a_file_of_other_rows_is_found_at_the_start(folders, log, tmp_path):
    file = tmp_path / "background.parquet"
    log.select("site").write_parquet(file)

    with pytest.raises(SchemaError, match="'user' is missing"):
        load_served("clicks", folders / "clicks", background=file)
