"""What a result depends on beside data and settings."""

import platform
from importlib.metadata import version

import torch

from fieldwise.nn.fastest_products import fastest_products

__all__ = ["environment"]


def environment() -> dict[str, str]:
    """Describe the machine and its software.

    Returns:
        Versions of Python, the platform and the libraries, the number of threads, and
        how float32 matrices are multiplied on the CPU.
    """
    libraries = ("fieldwise", "torch", "numpy", "polars", "scikit-learn")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "products": fastest_products().backend,
        "threads": str(torch.get_num_threads()),
        **{name: version(name) for name in libraries},
    }
