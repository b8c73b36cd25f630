"""A ranking whose answer is known, in place of a method that takes its time."""

from dataclasses import dataclass, field

import numpy as np

from fieldwise.importance import Importance


@dataclass(frozen=True)
class FixedOrder:
    """Gives the first names the highest scores; planted fields come last."""

    names: tuple[str, ...]
    calls: list[int] = field(default_factory=list)

    def rank(self, data, *, seed=0):
        self.calls.append(seed)
        places = {name: -place for place, name in enumerate(self.names)}
        known = data.schema.names
        scores = [places.get(name, -len(self.names)) for name in known]
        return Importance(
            unit="field",
            names=known,
            scores=np.array(scores, dtype=float),
            meaning="place",
            method="fixed",
            data_fingerprint=data.fingerprint,
            seed=seed,
        )


class Broken:
    """Fails."""

    def rank(self, data, *, seed=0):
        message = "the scores are nan"
        raise ValueError(message)
