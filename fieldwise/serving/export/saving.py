"""An ONNX model on disk, with a companion file where one file cannot hold it."""

from pathlib import Path

import onnx

from fieldwise.errors import DataError
from fieldwise.serving.export.files import companion

__all__ = ["ONE_FILE_BYTES", "write_model"]

ONE_FILE_BYTES = 2**31 - 2**26
"""Larger models keep their tensors in a second file: one file ends at 2 GiB."""


def write_model(model: onnx.ModelProto, path: Path) -> None:
    """Write a model and have it checked.

    Args:
        model: to write; the tensors of a large one move out of it.
        path: of the file.

    Raises:
        DataError: if the vocabularies of a large model do not fit into one file.
    """
    kept = sum(
        len(attribute.t.raw_data) + sum(map(len, attribute.t.string_data))
        for node in model.graph.node
        for attribute in node.attribute
    )
    if kept > ONE_FILE_BYTES:
        message = (
            f"vocabularies must have at most {ONE_FILE_BYTES:,} bytes together to be "
            f"in an ONNX file, got {kept:,}. Raise min_count, set max_size, or turn "
            "long texts into integers."
        )
        raise DataError(message)
    tensors = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    if kept + tensors > ONE_FILE_BYTES:
        onnx.save_model(
            model, path, save_as_external_data=True, location=companion(path).name
        )
    else:
        onnx.save_model(model, path)
    # By its name: a model with a companion cannot be checked in memory.
    onnx.checker.check_model(str(path), full_check=True)
