"""What a result depends on beside data and settings."""

import platform
from importlib.metadata import version

import torch

__all__ = ["environment"]


def environment() -> dict[str, str]:
    """Describe the machine and its software.

    Returns:
        Versions of Python, the platform and the libraries, and the number of threads.
    """
    libraries = ("fieldwise", "torch", "numpy", "polars", "scikit-learn")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "threads": str(torch.get_num_threads()),
        **{name: version(name) for name in libraries},
    }
