"""``fieldwise encode --engine spark``, from the guess of the fields to the folder."""

import polars as pl
import pytest
from typer.testing import CliRunner

from fieldwise.cli.main import app
from fieldwise.data.encoder_storage import read_encoder

ENGINES = ("polars", "spark")


@pytest.fixture
def log(tmp_path):
    rows = range(240)
    table = pl.DataFrame(
        {
            "row": rows,
            "item": [row * 7 % 13 for row in rows],
            "site": [f"é{row % 5}" for row in rows],
            "price": [str(row / 4) for row in rows],
            "pay": [None if row % 5 == 0 else row**0.5 for row in rows],
            "seen": [list(range(row % 4)) for row in rows],
            "vector": [[row / 2, 1.0] for row in rows],
            "click": [row % 3 == 0 for row in rows],
            "constant": [1] * 240,
        }
    )
    (tmp_path / "log").mkdir()
    for name, start, stop in (("a", 0, 40), ("b", 40, 200), ("c", 200, 240)):
        table[start:stop].write_parquet(tmp_path / "log" / f"{name}.parquet")
    return tmp_path / "log"


def test_same_folder(spark, log, tmp_path, checksums_of):
    for engine in ENGINES:
        out = tmp_path / engine
        arguments = ["encode", log, "--label", "click", "--out", out]
        arguments += ["--engine", engine, "--set", "fields.item.max_size=3"]
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == 0, result.output

    found = [checksums_of(tmp_path / engine) for engine in ENGINES]
    assert found[0] == found[1]
    assert {"encoder/schema.json", "train/dataset.json", "valid/rows.i32"} <= set(
        found[0]
    )
    # The row number and the constant are no fields, wherever they are looked at.
    schema = read_encoder(tmp_path / "spark" / "encoder").schema
    assert schema.names == ("item", "site", "price", "pay", "seen", "vector")
