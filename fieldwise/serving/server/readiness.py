"""Whether a server wants new clients."""

from dataclasses import dataclass
from typing import final

__all__ = ["Readiness"]


@final
@dataclass
class Readiness:
    """Shared by whoever stops the server and whoever answers.

    Args:
        is_draining: whether the server was told to stop, and finishes what it has.
    """

    is_draining: bool = False
