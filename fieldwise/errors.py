"""Every exception fieldwise raises on purpose.

FieldwiseError
├── SchemaError            the schema is inconsistent, or data does not match it
├── DataError              a file or table cannot be read, split or encoded
├── ShapeError             a tensor or array has the wrong shape or dtype
├── NotFittedError         an encoder, calibrator or selector was used before fit
├── ConfigError            a configuration file has unknown or impossible settings
├── TrainingDivergedError  the loss or a weight is no longer a finite number
├── RankerFormatError      a saved ranker is damaged, incomplete or too new
└── MissingExtraError      an optional dependency is not installed
"""

__all__ = [
    "ConfigError",
    "DataError",
    "FieldwiseError",
    "MissingExtraError",
    "NotFittedError",
    "RankerFormatError",
    "SchemaError",
    "ShapeError",
    "TrainingDivergedError",
]


class FieldwiseError(Exception):
    """Base class, for callers who want to catch anything we raise."""


class SchemaError(FieldwiseError, ValueError):
    """The schema is inconsistent, or data does not match it."""


class DataError(FieldwiseError, ValueError):
    """A file or table cannot be read, split or encoded."""


class ShapeError(FieldwiseError, ValueError):
    """A tensor or array has the wrong shape or dtype."""


class NotFittedError(FieldwiseError, RuntimeError):
    """An encoder, calibrator or selector was used before ``fit``."""


class ConfigError(FieldwiseError, ValueError):
    """A configuration file has unknown or impossible settings."""


class TrainingDivergedError(FieldwiseError, RuntimeError):
    """The loss or a weight is no longer a finite number."""


class RankerFormatError(FieldwiseError, ValueError):
    """A saved ranker is damaged, incomplete or of a newer format."""


class MissingExtraError(FieldwiseError, ImportError):
    """An optional dependency is not installed."""
