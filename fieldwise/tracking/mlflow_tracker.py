"""A fit as a run of MLflow."""

import os
import re
import tempfile
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, final

from fieldwise.errors import MissingExtraError
from fieldwise.ranker import Ranker
from fieldwise.tracking.flat_values import flat_metrics, flat_settings
from fieldwise.tracking.mlflow_model import write_mlflow_model
from fieldwise.training.history import EpochRecord

__all__ = ["MLflowTracker"]

MODEL = "ranker"
EXPERIMENT, NAMED_BY = "fieldwise", "MLFLOW_EXPERIMENT_NAME"
MAX_PARAMS = 100
"""In one request, by the protocol of MLflow."""
MAX_LETTERS = 500
"""Of a value: servers before MLflow 2.8 take no longer one."""
_STRANGE = re.compile(r"[^\w\-. :/]", re.ASCII)


@final
class MLflowTracker:
    """Logs settings, curves, metrics and the ranker itself to MLflow.

    Inside ``with mlflow.start_run():`` it logs to that run, else to one of its own. The
    ranker is an artifact that ``mlflow.pyfunc.load_model("runs:/RUN/ranker")`` loads,
    by fieldwise's own checked reader and without pickle.

    Args:
        uri: of the server or store; None for the one MLflow is set to, for example by
            the environment variable ``MLFLOW_TRACKING_URI``.
        experiment: its name; it is made where it is missing. None for the one of the
            environment variable ``MLFLOW_EXPERIMENT_NAME``, or else ``fieldwise``.
        run_name: name of the run; None for one that MLflow makes up.

    Attributes:
        run: identifier of the run; set by ``start``.
        complete: whether a fit was followed to its end.

    Raises:
        MissingExtraError: if MLflow is not installed.
    """

    def __init__(
        self,
        uri: str | None = None,
        *,
        experiment: str | None = None,
        run_name: str | None = None,
    ) -> None:
        try:
            self._mlflow = import_module("mlflow")
        except ImportError as error:
            message = "MLflowTracker needs MLflow. Run: pip install 'fieldwise[mlflow]'"
            raise MissingExtraError(message) from error
        self.uri = uri
        self.experiment = experiment
        self.run_name = run_name
        self.run: str | None = None
        self.complete = False
        self._client: Any = None
        self._is_own = False

    def __str__(self) -> str:
        return f"MLflow run {self.run} in {self._uri()}"

    def _uri(self) -> str:
        return self.uri or str(self._mlflow.get_tracking_uri())

    def start(self, settings: Mapping[str, Any]) -> None:
        """Open the run, and log the settings.

        Args:
            settings: of the fit.
        """
        uri = self._uri()
        # The registry is not used; left out, it would be looked for elsewhere.
        self._client = self._mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
        active = self._mlflow.active_run()
        self._is_own = active is None
        self.run = self._new_run() if active is None else active.info.run_id
        entity = self._mlflow.entities.Param
        params = [
            entity(_plain(name), value[:MAX_LETTERS])
            for name, value in flat_settings(settings).items()
        ]
        for first in range(0, len(params), MAX_PARAMS):
            some = params[first : first + MAX_PARAMS]
            self._client.log_batch(self.run, params=some)

    def epoch(self, record: EpochRecord) -> None:
        """Log a point of every curve.

        Args:
            record: what happened in the epoch.
        """
        values = {
            "train_loss": record.train_loss,
            "learning_rate": record.learning_rate,
            "rows_per_second": record.rows_per_second,
        }
        values |= {f"epoch_valid.{name}": x for name, x in record.valid_metrics.items()}
        self._log(values, record.epoch)

    def finish(self, ranker: Ranker) -> None:
        """Log the metrics of the held-out parts, and the ranker.

        Args:
            ranker: what was fitted.
        """
        best_epoch = ranker.info["history"]["best_epoch"]
        values = {**flat_metrics(ranker.metrics), "best_epoch": float(best_epoch)}
        self._log(values, best_epoch)
        with tempfile.TemporaryDirectory(prefix="fieldwise-") as name:
            folder = Path(name) / MODEL
            write_mlflow_model(ranker, folder)
            self._client.log_artifacts(self.run, str(folder), MODEL)

    def close(self, *, complete: bool) -> None:
        """End the run, if it is one of our own.

        Args:
            complete: whether the fit came to its end.
        """
        if self._is_own and self.run is not None:
            status = "FINISHED" if complete else "FAILED"
            self._client.set_terminated(self.run, status)
        self.complete = complete

    def _new_run(self) -> str:
        name = self.experiment or os.environ.get(NAMED_BY, EXPERIMENT)
        found = self._client.get_experiment_by_name(name)
        number = found.experiment_id if found else self._client.create_experiment(name)
        run = self._client.create_run(number, run_name=self.run_name)
        return str(run.info.run_id)

    def _log(self, values: Mapping[str, float], step: int) -> None:
        entity, now = self._mlflow.entities.Metric, int(1000 * time.time())
        metrics = [entity(_plain(name), x, now, step) for name, x in values.items()]
        self._client.log_batch(self.run, metrics=metrics)


def _plain(name: str) -> str:
    """A name of the letters that MLflow takes."""
    return _STRANGE.sub("_", name)
