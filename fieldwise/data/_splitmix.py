"""Random bits from numbers, the same on any machine.

Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
2014 (splitmix64).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["splitmix64"]

_MASK = 2**64 - 1


def splitmix64(numbers: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Hash numbers to 64 random bits; different numbers never collide.

    Args:
        numbers: what to hash.
        seed: another seed gives other hashes.

    Returns:
        One hash per number.
    """
    # The seed is mixed first: neighbouring seeds must not give shifted sequences.
    start = _mix(np.array([seed & _MASK], dtype=np.uint64))
    return _mix(numbers + start)


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = state + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
