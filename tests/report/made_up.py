"""A run that tells everything, with names that try to be more than text."""

from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from fieldwise.importance import Importance
from fieldwise.report.cloud_files import Cloud
from fieldwise.report.run_contents import Diagnosed, RunContents

HOSTILE = (
    "<script>window.pwned=1</script>",
    "</script><img src=x onerror=window.pwned=1>",
    "\"double\" 'single' `tick`",
    "\U0001f642 smile & co",
    "\u05e2\u05d1\u05e8\u05d9\u05ea \u202e rtl",
    "a.b[0]|pipe",
    "{{ 7 * 7 }} ${window.pwned=1}",
    "plain",
)
LABEL = "click <b>now</b>"
BINS = {
    "mean_probability": [0.05, 0.2, 0.6],
    "mean_label": [0.04, 0.25, 0.5],
    "weight": [100.0, 100.0, 100.0],
}


def importance(unit, names, method, seed=0, **more):
    scores = np.random.default_rng(seed).gamma(1.0, 0.1, len(names))
    meaning = "AUC lost <i>without</i> it"
    return Importance(unit, tuple(names), scores, meaning, method, **more)


def history(shift=0.0):
    epochs = [
        {
            "epoch": number,
            "train_loss": 0.6 - 0.1 * number + shift,
            "valid_metrics": {"auc": 0.6 + 0.05 * number - shift, "logloss": 0.5},
            "learning_rate": 0.001,
            "seconds": 1.5,
            "rows_per_second": 1000.0,
            "improved": True,
        }
        for number in (1, 2, 3)
    ]
    return {
        "epochs": epochs,
        "best_epoch": 2,
        "stopped_early": True,
        "monitor": "logloss",
        "notes": [],
    }


def cloud(names=HOSTILE[:4], order=2):
    pairs = tuple(combinations(names, order))
    generator = np.random.default_rng(0)
    shape = (len(pairs), 12)
    return Cloud(
        title="cloud <b>",
        names=pairs,
        scores=generator.normal(0, 0.01, shape),
        added=np.abs(generator.normal(0, 0.006, shape)),
        directions=_directions(generator, order),
        references=generator.normal(0, 0.01, len(pairs)),
        loss=0.4,
        epsilon=0.01,
    )


def _directions(generator, order):
    shares = generator.dirichlet(np.ones(order), 12)
    return shares * generator.choice([-1, 1], shares.shape)


def leaderboard():
    return pl.DataFrame(
        {
            "place": [1, 2, None],
            "model": ["dcnv2", "fm", "lr"],
            "num_seeds": [3, 3, 0],
            "auc": [0.75, 0.74, None],
            "auc_std": [0.001, 0.002, None],
            "log_loss": [0.4, 0.41, None],
            "ece": [0.01, 0.02, None],
            "p_rows_corrected": [None, 0.2, None],
            "parameters": [1000, 500, None],
            "seconds": [10.0, 2.0, None],
            "is_best": [True, False, None],
            "like_best": [None, True, None],
            "error": [None, None, "seed 0: it <b>failed</b>"],
        }
    )


def curve():
    names = ["shark", "random", "all fields"]
    lines = pl.DataFrame(
        {
            "method": names,
            "kind": ["method", "control", "control"],
            "aukc": [0.5, 0.3, None],
            "aukc_std": [0.01, 0.02, None],
            "valid_aukc": [0.5, 0.3, None],
            "p_seeds_corrected": [None, 0.01, None],
            "k_needed": [4, 8, 8],
            "log_loss": [0.4, 0.41, 0.4],
            "parameters": [100, 200, 300],
            "search_seconds": [1.0, 0.001, None],
            "kendall_tau": [0.9, 0.0, None],
            "error": [None, "no <b>luck</b>", None],
        }
    )
    points = pl.DataFrame(
        {
            "method": ["shark"] * 4 + ["random"] * 4 + ["all fields"],
            "seed": [0, 1] * 4 + [0],
            "k": [2, 2, 4, 4] * 2 + [8],
            "auc": [0.70, 0.71, 0.74, 0.75, 0.6, 0.62, 0.65, 0.66, 0.76],
        }
    )
    return lines, points


def segment(field):
    lines = [
        {
            "value": value,
            "num_rows": 900 - 100 * place,
            "positive_rate": 0.2,
            "mean_probability": 0.2 + 0.15 * place,
            "log_loss": 0.4,
            "auc": 0.7 if place else None,
            "calibration_ratio": 1.0 + 0.75 * place,
        }
        for place, value in enumerate((*HOSTILE[:3], "(unknown)"))
    ]
    return {"field": field, "label": LABEL, "lines": lines}


def whole_run(folder=Path("runs/made-up"), **changes):
    """Everything a run can tell."""
    pairs = tuple(combinations(HOSTILE, 2))
    lines, points = curve()
    shares = {name: 0.1 * place for place, name in enumerate(HOSTILE)}
    kinds = ("categorical", "numeric", "sequence", "vector")
    told = {
        "folder": folder,
        "kind": "fit",
        "data": "clicks <b>.parquet",
        "schema": {
            "fields": [
                {"name": name, "kind": kinds[place % 4], "num_features": 10 + place}
                for place, name in enumerate(HOSTILE)
            ],
            "labels": [{"name": LABEL, "kind": "binary"}],
        },
        "split": {
            "how": "RandomSplit(valid=0.1)",
            "rows": {"train": 8000, "valid": 1000, "test": 3000},
            "checksum": "abc",
        },
        "fingerprint": "def",
        "part": "test",
        "model": "dcnv2",
        "metrics": {
            LABEL: {
                "num_rows": 3000,
                "auc": 0.75,
                "log_loss": 0.4,
                "ece": 0.01,
                "brier": 0.1,
                "positive_rate": 0.2,
                "calibration_ratio": 1.02,
                "normalized_entropy": 0.8,
            }
        },
        "uncalibrated": {LABEL: {"log_loss": 0.42, "ece": 0.05}},
        "unknown_shares": {"train": {}, "test": shares},
        "histories": {"dcnv2": history()},
        "parameters": 1000,
        "seconds": 75.0,
        "num_bytes": 2_000_000,
        "diagnosed": Diagnosed(
            part="test",
            reliability={LABEL: {"before": BINS, "after": BINS, "chance_error": 0.01}},
            segments=[segment(HOSTILE[0]), segment(HOSTILE[7])],
            fields={
                name: {"num_values": 9, "coverage": 0.9, "rare_share": 0.01}
                for name in HOSTILE
            },
            latency={
                "one_row_ms": {"median": 0.4, "p95": 0.6, "calls": 50},
                "many_rows": {"rows": 3000, "rows_per_second": 123456.0},
            },
            calibrators={LABEL: "platt"},
        ),
        "leaderboard": leaderboard(),
        "curve": lines,
        "points": points,
        "importances": [
            importance(
                "field",
                HOSTILE,
                "permutation",
                details={"deviation": np.full(len(HOSTILE), 0.01)},
            ),
            importance("field", HOSTILE, "<b>gates</b>", seed=1),
            importance("pair", pairs, "<b>pairs</b>", seed=2),
            importance("head", ("1", "2", "3"), "attention", seed=3),
        ],
        "clouds": [cloud(), cloud(order=3)],
        "warnings": ["10% of the test rows stand in the <b>training</b> rows, too."],
        "environment": {"python": "3.12", "platform": "<b>Linux</b>", "threads": "1"},
        "settings": "[data]\npath = '</script><script>window.pwned=1</script>'\n",
        "seeds": [0],
    }
    return RunContents(**(told | changes))
