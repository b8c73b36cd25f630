"""One order over several tables."""

import sys

import numpy as np
import polars as pl
import pytest

import fieldwise as fw
from benchmarks.quality import order
from benchmarks.quality.order import as_markdown, main, order_of
from benchmarks.quality.tables import Table


def result(measure="auc", **aucs):
    best_first = sorted(aucs, key=lambda name: -(aucs[name] or 0))
    board = pl.DataFrame(
        {
            "model": best_first,
            "num_seeds": [0 if aucs[name] is None else 2 for name in best_first],
            "auc": [aucs[name] for name in best_first],
        },
        schema_overrides={"auc": pl.Float64},
    )
    return fw.Comparison(board, pl.DataFrame(), measure, "test")


def test_order_by_hand():
    found = order_of(
        {
            "x": result(a=0.75, b=0.5, c=0.875),
            "y": result(a=0.75, b=0.875, c=None),
            "real": result("squared_error", a=0.1),
        }
    )

    # c failed on y, so it stands last, whatever it reached on x.
    assert found.rows() == [
        ("a", 0.75, 2.0, 2, 0.75, 0.75),
        ("b", 0.6875, 2.0, 2, 0.5, 0.875),
        ("c", 0.875, 1.0, 1, 0.875, None),
    ]
    assert as_markdown(found).splitlines()[2:] == [
        "| 1 | a | 0.7500 | 2.0 | 2 | 0.7500 | 0.7500 |",
        "| 2 | b | 0.6875 | 2.0 | 2 | 0.5000 | 0.8750 |",
        "| 3 | c | 0.8750 | 1.0 | 1 | 0.8750 | - |",
    ]


def test_nothing_to_order():
    assert order_of({}).height == 0
    assert "model" in as_markdown(order_of({}))


def click_table(seed):
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 6, 300)
    return pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "click": (rng.random(300) < (site + 1) / 8).astype(int),
        }
    )


def test_tables_and_a_folder_of_unseen_files(tmp_path, monkeypatch, capsys):
    def missing():
        message = "criteo.parquet"
        raise FileNotFoundError(message)

    known = Table(click_table(0), "click", fw.RandomSplit(valid=0.1, test=0.2))
    monkeypatch.setattr(order, "TABLES", {"known": lambda: known, "gone": missing})
    unseen = tmp_path / "unseen"
    unseen.mkdir()
    click_table(1).write_parquet(unseen / "one.parquet")
    parts = pl.Series("split", ["train"] * 200 + ["valid"] * 40 + ["test"] * 60)
    click_table(2).with_columns(parts).write_parquet(unseen / "two.parquet")
    work = tmp_path / "work"
    arguments = ["--tables", "known,gone", "--models", "lr,fm", "--work", str(work)]
    arguments += ["--folder", str(unseen), "--label", "click"]
    monkeypatch.setattr(sys, "argv", ["order", *arguments])

    main()
    first = capsys.readouterr().out
    main()

    assert "gone is not at hand: criteo.parquet" in first
    assert capsys.readouterr().out == first
    table = pl.read_parquet(work / "order.parquet")
    assert table.columns[4:] == ["known", "file-one", "file-two"]
    assert table["num_tables"].to_list() == [3, 3]
    assert (work / "order.md").read_text("utf-8").strip() in first
    assert (work / "file-two" / "leaderboard.md").exists()


def test_order_of_samples(tmp_path, monkeypatch, caplog):
    click_table(0).write_parquet(tmp_path / "clicks.parquet")
    work = tmp_path / "work"
    arguments = ["--tables", "none", "--folder", str(tmp_path), "--label", "click"]
    arguments += ["--rows", "25", "--models", "lr", "--work", str(work)]
    monkeypatch.setattr(sys, "argv", ["order", *arguments])

    main()

    # Told of the rows that stand in two parts: six names for 25 rows.
    assert "25 of 25 test rows" in caplog.text
    assert (work / "order.md").exists()


@pytest.mark.parametrize(("option", "value"), [("--tables", "x"), ("--rows", "0")])
def test_refused(option, value, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["order", option, value])

    with pytest.raises(SystemExit):
        main()

    assert f"{option} must be" in capsys.readouterr().err
