"""Curves of fits that were never made."""

import numpy as np

from fieldwise.comparison.plan import Job
from fieldwise.importance import Importance
from fieldwise.search.curves import Curves
from fieldwise.search.field_fits import field_set
from fieldwise.search.rankings import Rankings

GRID = (1, 2)
FIELDS = ("f0", "f1", "f2", "f3")


def made_up(aucs, *, valid=0.0, methods=None, whole=0.9):
    """AUC at one and two fields, by method and seed; None for a fit that failed.

    Each method of a seed has an order of its own, so that no two of them share a fit;
    the log loss is one minus the AUC, and on validation rows the AUC is higher by
    ``valid``.
    """
    rankings = Rankings()
    records, failures = {}, {}
    gains = valid if isinstance(valid, dict) else dict.fromkeys(aucs, valid)
    for number, (method, by_seed) in enumerate(aucs.items()):
        for seed, reached in by_seed.items():
            scores = np.roll(np.arange(4.0)[::-1], number)
            job = Job(seed, method)
            found = Importance("field", FIELDS, scores, "share", method)
            rankings.found[job] = found
            rankings.seconds[job] = 2.0 + seed
            for k, auc in zip(GRID, reached, strict=True):
                fit = Job(seed, field_set(found.top(k).kept))
                if auc is None:
                    failures[fit] = "ValueError: the loss is nan"
                else:
                    records[fit] = _record(auc, auc + gains[method], 100 * k)
    for seed in dict.fromkeys(seed for each in aucs.values() for seed in each):
        job = Job(seed, field_set(FIELDS))
        records[job] = _record(whole, whole, 400)
    names = tuple(aucs) if methods is None else methods
    return Curves(GRID, names, rankings, records, failures)


def _record(auc, valid_auc, parameters):
    return {
        "measures": {"auc": auc, "log_loss": 1 - auc},
        "valid_measures": {"auc": valid_auc, "log_loss": 1 - valid_auc},
        "parameters": parameters,
        "seconds": 3.0,
    }
