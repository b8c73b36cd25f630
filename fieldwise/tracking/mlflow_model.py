"""A ranker's folder as an MLflow model of the flavour ``python_function``.

MLflow imports this module by its name, which the model's ``MLmodel`` file tells, and
calls ``_load_pyfunc``: nothing is unpickled, and no code is kept beside the model.
"""

import tempfile
import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from fieldwise.ranker import Ranker

__all__ = ["RankerModel", "write_mlflow_model"]

LOADER = "fieldwise.tracking.mlflow_model"


@final
class RankerModel:
    """What MLflow calls to predict.

    Args:
        ranker: scores the rows.
    """

    def __init__(self, ranker: Ranker) -> None:
        self._ranker = ranker

    def predict(
        self,
        model_input: Any,  # noqa: ANN401  what MLflow was given
        params: dict[str, Any] | None = None,  # noqa: ARG002  MLflow passes it
    ) -> NDArray[np.float64]:
        """Score rows.

        Args:
            model_input: a frame, or whatever ``Ranker.predict`` takes.
            params: none are known.

        Returns:
            Probabilities or values, ``(row,)`` or ``(row, task)``.
        """
        return self._ranker.predict(model_input)


def _load_pyfunc(path: str) -> RankerModel:
    """Load the ranker, as MLflow asks for it.

    Args:
        path: the ranker's folder.

    Returns:
        The model.
    """
    return RankerModel(Ranker.load(path))


def write_mlflow_model(ranker: Ranker, folder: Path) -> None:
    """Write an MLflow model that holds the ranker's folder.

    Args:
        ranker: what is written.
        folder: where to; must not exist.
    """
    with warnings.catch_warnings():
        # It warns of its own type hints when it is imported.
        warnings.simplefilter("ignore", UserWarning)
        pyfunc = import_module("mlflow.pyfunc")
    with tempfile.TemporaryDirectory(prefix="fieldwise-") as name:
        saved = Path(name) / "ranker"
        ranker.save(saved)
        pyfunc.save_model(
            str(folder),
            loader_module=LOADER,
            data_path=str(saved),
            pip_requirements=[f"fieldwise=={version('fieldwise')}"],
        )
