"""A small twin of the benchmark: each command under a hard limit of memory."""

import sys

import pytest

from benchmarks.memory.__main__ import command
from benchmarks.memory.limited import MIB, environment, run_limited
from benchmarks.memory.table import write_table

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs /proc and RLIMIT_DATA"
)

LIMIT = 700 * MIB
"""Of which the imports take 250; the table is small, so that the test is quick."""


def test_every_command_keeps_to_the_limit(tmp_path):
    table = tmp_path / "clicks.parquet"
    write_table(table, 20 * MIB)
    variables = environment(LIMIT) | {"FIELDWISE_CACHE": str(tmp_path / "cache")}

    for step in ("inspect", "fit", "predict"):
        outcome = run_limited(
            command(step, tmp_path, table, "lr"), limit=LIMIT, variables=variables
        )
        assert outcome.status == 0, outcome.output
        assert outcome.allocated < LIMIT

    assert (tmp_path / "scores.parquet").exists()


def test_the_limit_is_felt(tmp_path):
    table = tmp_path / "clicks.parquet"
    write_table(table, 10 * MIB)

    limit = 100 * MIB
    outcome = run_limited(
        command("inspect", tmp_path, table, "lr"),
        limit=limit,
        variables=environment(limit),
    )

    assert outcome.status != 0
