r"""How much of a logit came through each field, layer by layer from the top.

No baseline is needed: what is explained is the logit itself, and not its distance from
other rows. Where all biases are zero the fields have all of it,
$$\sum_f R_f + R_{\text{bias}} = z.$$

Source: Otsuki et al., "Layer-Wise Relevance Propagation with Conservation Property for
ResNet", ECCV 2024, https://arxiv.org/abs/2407.09115.
Differences from the paper: those of ``relevance_rules``; the start is the logit, not a
probability; products of pairs of fields go half to each field; the embedding is the
last layer, its entries are summed by field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError
from fieldwise.explanation.relevance_rules import (
    back_through_cross,
    back_through_linear,
    back_through_mlp,
)
from fieldwise.importance import Importance
from fieldwise.models.dcnv2 import DCNv2
from fieldwise.models.deepfm import DeepFM
from fieldwise.models.dnn import DNN
from fieldwise.models.fm import FM
from fieldwise.models.lr import LR
from fieldwise.models.widedeep import WideDeep
from fieldwise.nn.crossed_tower import CrossedTower
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.interactions.task_machines import TaskMachines
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema
from fieldwise.sensitivity import SplitModel

__all__ = ["FieldRelevance", "propagate_relevance"]

METHOD = "relevance propagation"

Found = tuple[list[Tensor], Tensor]
"""Relevance of the vectors of each embedding layer, ``(row, field)``, and of biases."""


@final
@dataclass(frozen=True, eq=False)
class FieldRelevance:
    """What of each logit came through each field.

    Args:
        names: of the fields, in the order of the schema.
        values: relevance, ``(row, field)``, in units of the logit.
        bias: what biases absorbed, ``(row,)``; with it all adds up to the logits.
        logits: of the rows, ``(row,)``.
        data_fingerprint: checksum of the rows.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    bias: NDArray[np.float64]
    logits: NDArray[np.float64]
    data_fingerprint: str = ""

    def importance(self) -> Importance:
        """Summarise all rows.

        Returns:
            An importance of fields: the mean size of relevance; the detail ``signed``
            is the mean.

        Raises:
            DataError: if there is no row.
        """
        if not len(self.values):
            message = "rows must be at least one to be summarised, got none."
            raise DataError(message)
        return Importance(
            unit="field",
            names=self.names,
            scores=np.abs(self.values).mean(axis=0),
            meaning="mean size of what of the logit came through it",
            method=METHOD,
            data_fingerprint=self.data_fingerprint,
            details={"signed": self.values.mean(axis=0)},
        )


@torch.no_grad()
def propagate_relevance(
    model: nn.Module,
    schema: Schema,
    batches: Iterable[Batch],
    *,
    task: int = 0,
    data_fingerprint: str = "",
) -> FieldRelevance:
    """Follow logits back to the fields.

    Costs about three times the prediction. There are rules for ``LR``, ``FM``, ``DNN``,
    ``WideDeep``, ``DeepFM`` and ``DCNv2``; ``integrated_gradients`` explains any model.

    Args:
        model: the trained model, one of these.
        schema: the fields of its rows, in order.
        batches: the rows.
        task: number of the logit, where the model has several.
        data_fingerprint: checksum of the rows, to be noted in the result.

    Returns:
        Relevance of fields and biases.

    Raises:
        ValueError: naming the layer that has no rule.
    """
    wiring = _wiring(model)
    split = SplitModel(model, schema)
    values, bias, logits = [np.empty((0, len(schema)))], [np.empty(0)], [np.empty(0)]
    for batch in batches:
        moved = batch.to(split.device)
        rows = split.embed(moved)
        found, absorbed = wiring(model, list(rows.parts), task)
        scores = split.forward_from_embeddings(rows)
        values.append(split.by_field(part.double() for part in found).cpu().numpy())
        bias.append(absorbed.double().cpu().numpy())
        chosen = scores if scores.ndim == 1 else scores[:, task]
        logits.append(chosen.double().cpu().numpy())
    return FieldRelevance(
        names=schema.names,
        values=np.concatenate(values),
        bias=np.concatenate(bias),
        logits=np.concatenate(logits),
        data_fingerprint=data_fingerprint,
    )


def _wiring(model: nn.Module) -> Callable[[Any, list[Tensor], int], Found]:
    """How the model is put together, once all its layers are known to have rules."""
    for kind, wiring in WIRINGS.items():
        if type(model) is kind:
            _check_towers(model)
            return wiring
    known = (FirstOrder, TaskMachines, ScoringTower, CrossedTower, nn.Identity)
    embedding = getattr(model, "embedding", None)
    for name, layer in model.named_children():
        if layer is not embedding and not isinstance(layer, known):
            raise ValueError(_no_rule(name, layer))
    raise ValueError(_no_rule("the whole", model))


def _check_towers(model: nn.Module) -> None:
    for name, layer in model.named_modules():
        if isinstance(layer, nn.LayerNorm):
            raise ValueError(_no_rule(name, layer))


def _no_rule(name: str, layer: nn.Module) -> str:
    kinds = ", ".join(kind.__name__ for kind in WIRINGS)
    return (
        f"model must have layers with rules for relevance, got {type(layer).__name__} "
        f"as {name!r}. There are rules for {kinds}; integrated_gradients explains any."
    )


def _linear(model: LR, parts: list[Tensor], task: int) -> Found:
    weights = parts[0][..., task]
    return [weights], model.bias[task].expand(len(weights))


def _machine(model: FM, parts: list[Tensor], task: int) -> Found:
    pairs = _halves(parts[0], model.linear.num_tasks, task)
    return [pairs, parts[1][..., task]], model.bias[task].expand(len(pairs))


def _deep(model: DNN, parts: list[Tensor], task: int) -> Found:
    deep, absorbed = _tower(model.tower, parts[0], task)
    return [deep], absorbed


def _wide_and_deep(model: WideDeep, parts: list[Tensor], task: int) -> Found:
    deep, absorbed = _tower(model.tower, parts[0], task)
    return [deep, parts[1][..., task]], absorbed


def _deep_machine(model: DeepFM, parts: list[Tensor], task: int) -> Found:
    deep, absorbed = _tower(model.tower, parts[0], task)
    pairs = _halves(parts[0], model.linear.num_tasks, task)
    return [deep + pairs, parts[1][..., task]], absorbed


def _crossed(model: DCNv2, parts: list[Tensor], task: int) -> Found:
    x = parts[0].flatten(start_dim=1)
    crossed = model.cross(x)
    deep = model.tower.deep(x)
    read = torch.cat([crossed, deep], dim=1)
    relevance, absorbed = _head(model.tower, read, task)
    width = crossed.shape[1]
    of_cross, of_deep = relevance[:, :width], relevance[:, width:]
    first, lost = back_through_cross(model.cross, x, of_cross)
    second, also_lost = back_through_mlp(model.tower.deep, x, of_deep)
    return [_by_vector(first + second, parts[0])], absorbed + lost + also_lost


def _tower(tower: ScoringTower, part: Tensor, task: int) -> tuple[Tensor, Tensor]:
    x = part.flatten(start_dim=1)
    relevance, absorbed = _head(tower, tower.deep(x), task)
    found, lost = back_through_mlp(tower.deep, x, relevance)
    return _by_vector(found, part), absorbed + lost


def _head(
    tower: ScoringTower | CrossedTower, read: Tensor, task: int
) -> tuple[Tensor, Tensor]:
    """From the logit of a head to what it reads; a branch starts with what it adds."""
    linear = tower.head.linear
    weight, bias = linear.weight[task : task + 1], linear.bias[task : task + 1]
    start = torch.nn.functional.linear(read, weight, bias)
    return back_through_linear(read, weight, bias, start)


def _halves(x: Tensor, num_tasks: int, task: int) -> Tensor:
    """Half of each product of two fields for each of them, ``(row, field)``."""
    own = x.view(*x.shape[:2], num_tasks, x.shape[2] // num_tasks)[:, :, task]
    others = own.sum(dim=1, keepdim=True) - own
    halves: Tensor = (own * others).sum(dim=-1) / 2
    return halves


def _by_vector(relevance: Tensor, part: Tensor) -> Tensor:
    return relevance.view(part.shape).sum(dim=-1)


WIRINGS: Mapping[type[nn.Module], Callable[[Any, list[Tensor], int], Found]] = {
    LR: _linear,
    FM: _machine,
    DNN: _deep,
    WideDeep: _wide_and_deep,
    DeepFM: _deep_machine,
    DCNv2: _crossed,
}
"""How relevance goes back through each system."""
