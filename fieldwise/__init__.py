"""From a raw log to a small, fast, explained and served ranking model.

Examples:
    >>> import fieldwise as fw
    >>> [name for name in fw.MODELS if "fm" in name]
    ['fm', 'deepfm', 'xdeepfm', 'ffm', 'fwfm']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldwise.comparison import Comparison as Comparison
    from fieldwise.comparison import compare as compare
    from fieldwise.data.inspection import inspect as inspect
    from fieldwise.data.readers import read_table as read_table
    from fieldwise.data.splits import ColumnSplit as ColumnSplit
    from fieldwise.data.splits import GroupSplit as GroupSplit
    from fieldwise.data.splits import RandomSplit as RandomSplit
    from fieldwise.data.splits import TimeSplit as TimeSplit
    from fieldwise.estimators import FieldwiseClassifier as FieldwiseClassifier
    from fieldwise.estimators import FieldwiseRanker as FieldwiseRanker
    from fieldwise.estimators import FieldwiseRegressor as FieldwiseRegressor
    from fieldwise.explanation.explaining import explain as explain
    from fieldwise.fitting import fit as fit
    from fieldwise.importance import Importance as Importance
    from fieldwise.importance import Selection as Selection
    from fieldwise.models import MODELS as MODELS
    from fieldwise.ranker import Predictions as Predictions
    from fieldwise.ranker import Ranker as Ranker
    from fieldwise.schema import CategoricalField as CategoricalField
    from fieldwise.schema import Label as Label
    from fieldwise.schema import NumericField as NumericField
    from fieldwise.schema import Schema as Schema
    from fieldwise.schema import SequenceField as SequenceField
    from fieldwise.schema import VectorField as VectorField
    from fieldwise.training import Recipe as Recipe
    from fieldwise.training import Trainer as Trainer

    load = Ranker.load

__version__ = "0.1.0"

# Torch and Polars take seconds to import; `fieldwise --help` must not wait for them.
_HOMES = {
    "CategoricalField": "fieldwise.schema",
    "ColumnSplit": "fieldwise.data.splits",
    "Comparison": "fieldwise.comparison",
    "FieldwiseClassifier": "fieldwise.estimators",
    "FieldwiseRanker": "fieldwise.estimators",
    "FieldwiseRegressor": "fieldwise.estimators",
    "GroupSplit": "fieldwise.data.splits",
    "Importance": "fieldwise.importance",
    "Label": "fieldwise.schema",
    "MODELS": "fieldwise.models",
    "NumericField": "fieldwise.schema",
    "Predictions": "fieldwise.ranker",
    "RandomSplit": "fieldwise.data.splits",
    "Ranker": "fieldwise.ranker",
    "Recipe": "fieldwise.training",
    "Schema": "fieldwise.schema",
    "Selection": "fieldwise.importance",
    "SequenceField": "fieldwise.schema",
    "TimeSplit": "fieldwise.data.splits",
    "Trainer": "fieldwise.training",
    "VectorField": "fieldwise.schema",
    "compare": "fieldwise.comparison",
    "explain": "fieldwise.explanation.explaining",
    "fit": "fieldwise.fitting",
    "inspect": "fieldwise.data.inspection",
    "read_table": "fieldwise.data.readers",
}

__all__ = [*sorted(_HOMES), "__version__", "load"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name == "load":
        return import_module("fieldwise.ranker").Ranker.load
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module 'fieldwise' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
