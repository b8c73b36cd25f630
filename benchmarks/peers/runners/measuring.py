"""How every runner measures: the clock, the latency of a call, AUC and log loss."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["fastest", "latencies", "quality", "seconds"]

WARM_UP_CALLS = 10
MIN_CALLS, MAX_SECONDS = 10, 3.0


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def fastest(call: Callable[[], Any], *, calls: int = 2) -> tuple[float, Any]:
    """Wall time of the fastest call, and what the last one returned.

    The first one may still fill caches.
    """
    times = []
    for _ in range(calls):
        started = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - started)
    return min(times), result


def latencies(name: str, call: Callable[[], object], *, calls: int) -> dict[str, float]:
    """Median and 99th percentile of the wall time of a call, in milliseconds.

    Fewer calls than asked for where they take too long together.
    """
    for _ in range(WARM_UP_CALLS):
        call()
    times: list[float] = []
    while len(times) < calls and (sum(times) < MAX_SECONDS or len(times) < MIN_CALLS):
        times.append(seconds(call))
    return {
        f"{name}_p50_ms": 1e3 * float(np.percentile(times, 50)),
        f"{name}_p99_ms": 1e3 * float(np.percentile(times, 99)),
    }


def quality(labels: Any, probabilities: Any) -> dict[str, float]:
    """AUC, and log loss in nats, on the test rows."""
    from sklearn.metrics import log_loss, roc_auc_score

    labels = np.asarray(labels, dtype=np.float64).reshape(-1)
    scores = np.asarray(probabilities, dtype=np.float64).reshape(-1)
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "log_loss": float(log_loss(labels, np.clip(scores, 1e-7, 1 - 1e-7))),
    }
