"""A session that runs, or what is missing."""

import sys

import pytest

from fieldwise.data.engines.spark_session import spark_session
from fieldwise.errors import MissingExtraError


@pytest.fixture
def no_session(monkeypatch):
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    monkeypatch.setattr(sql.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    return sql.SparkSession


def test_session_that_runs(spark):
    assert spark_session() is spark


def test_no_pyspark(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[spark\]'"):
        spark_session()


def test_no_java(no_session, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingExtraError, match="Java 17 or newer, got no command"):
        spark_session()


def test_java_home_without_java(no_session, monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    with pytest.raises(MissingExtraError, match=r"got JAVA_HOME=.* without bin/java"):
        spark_session()


def test_java_that_ends_at_once(no_session, monkeypatch, tmp_path):
    from pyspark.errors import PySparkRuntimeError

    def fail(_):
        raise PySparkRuntimeError(
            errorClass="JAVA_GATEWAY_EXITED", messageParameters={}
        )

    java = tmp_path / "java"
    java.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(no_session.Builder, "getOrCreate", fail)

    with pytest.raises(MissingExtraError, match=r"got '.*JAVA_GATEWAY_EXITED"):
        spark_session()
