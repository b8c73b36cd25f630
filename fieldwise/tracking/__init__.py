"""Fits told to other tools while they go on: MLflow and TensorBoard."""

from fieldwise.tracking.mlflow_tracker import MLflowTracker
from fieldwise.tracking.tensorboard_tracker import TensorBoardTracker
from fieldwise.tracking.tracker import Tracker

__all__ = ["MLflowTracker", "TensorBoardTracker", "Tracker"]
