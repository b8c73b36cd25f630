"""The ways in which the same layers can be computed."""

from dataclasses import dataclass
from typing import Literal, final

from fieldwise.nn.arithmetic import supports_bf16

__all__ = ["ARITHMETICS", "Arithmetic"]


@final
@dataclass(frozen=True)
class Arithmetic:
    """One of them.

    Args:
        name: in the table.
        backend: library for float32 products.
        precision: of the layers.
    """

    name: str
    backend: str
    precision: Literal["float32", "bf16"]

    @property
    def is_possible(self) -> bool:
        """Whether this machine has it."""
        return self.precision == "float32" or supports_bf16("cpu")


ARITHMETICS = (
    Arithmetic("float32 native", "native", "float32"),
    Arithmetic("float32 oneDNN", "onednn", "float32"),
    Arithmetic("bf16", "onednn", "bf16"),
)
