"""A Spark session: the one that runs, or a new one as the environment says."""

import os
import shutil
import warnings
from typing import TYPE_CHECKING, Any

from fieldwise.errors import MissingExtraError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
else:
    SparkSession = object

__all__ = ["spark_session"]

_JAVA = (
    "the engine 'spark' must find Java 17 or newer, got {found}. Install it, such as "
    "the package openjdk-17-jre-headless, and let JAVA_HOME name its folder."
)


def spark_session() -> SparkSession:
    """Find the running session, or start one.

    Without ``spark-submit`` and without a running session, Spark runs on all cores of
    this machine.

    Returns:
        The session.

    Raises:
        MissingExtraError: if PySpark or Java is missing.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession as Session
    except ImportError as error:
        message = (
            "the engine 'spark' needs PySpark, got none. Run: "
            "pip install 'fieldwise[spark]'"
        )
        raise MissingExtraError(message) from error
    builder: Any = Session.builder.appName("fieldwise")
    if Session.getActiveSession() is None and "SPARK_REMOTE" not in os.environ:
        _check_java()
        # Its bars and ours would draw over each other.
        builder = builder.config("spark.ui.showConsoleProgress", "false")
    try:
        with warnings.catch_warnings():
            # PySpark warns of a new pandas, which nothing here uses.
            warnings.filterwarnings("ignore", "PySpark does not yet fully support")
            session: SparkSession = builder.getOrCreate()
    except PySparkRuntimeError as error:
        message = _JAVA.format(found=f"'{error}'")
        raise MissingExtraError(message) from error
    return session


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if home is None:
        found = "no command 'java'" if shutil.which("java") is None else ""
    else:
        java = shutil.which("java", path=os.path.join(home, "bin"))
        found = f"JAVA_HOME={home} without bin/java" if java is None else ""
    if found:
        raise MissingExtraError(_JAVA.format(found=found))
