"""Operators that PyTorch cannot write, as it computes them."""

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from fieldwise.serving.export.translations import TRANSLATIONS

DYNAMIC = {0: torch.export.Dim.DYNAMIC}


def session_of(module, example, dynamic):
    exported = torch.onnx.export(
        torch.export.export(module.eval(), example, dynamic_shapes=dynamic),
        dynamo=True,
        verbose=False,
        opset_version=18,
        custom_translation_table=TRANSLATIONS,
    )
    return onnxruntime.InferenceSession(exported.model_proto.SerializeToString())


class Mean(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.randn(9, 4))

    def forward(self, items, ends, mode="mean"):
        return F.embedding_bag(
            items, self.table, ends, mode=mode, include_last_offset=True
        )


class Sum(Mean):
    def forward(self, items, ends):
        return super().forward(items, ends, mode="sum")


@pytest.mark.filterwarnings("ignore")
def test_means_of_bags():
    torch.manual_seed(0)
    module = Mean()
    example = torch.tensor([1, 2, 3]), torch.tensor([0, 1, 3])
    session = session_of(module, example, (DYNAMIC, DYNAMIC))
    names = [info.name for info in session.get_inputs()]

    for items, ends in (
        ([4, 5, 8, 0, 0, 1], [0, 2, 2, 3, 6]),
        ([7], [0, 1]),
        ([], [0, 0, 0]),
        ([], [0]),
    ):
        tensors = torch.tensor(items, dtype=torch.int64), torch.tensor(ends)
        wanted = module(*tensors).detach().numpy()
        feeds = dict(zip(names, (part.numpy() for part in tensors), strict=True))
        (found,) = session.run(None, feeds)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.filterwarnings("ignore")
def test_other_bags_are_refused():
    example = torch.tensor([1, 2, 3]), torch.tensor([0, 1, 3])
    with pytest.raises(Exception, match="embedding_bag") as caught:
        session_of(Sum(), example, (DYNAMIC, DYNAMIC))

    error = caught.value
    while error.__cause__ is not None:
        error = error.__cause__
    assert "must take means" in str(error)


class Places(nn.Module):
    def __init__(self, entries, *, right):
        super().__init__()
        self.register_buffer("entries", entries)
        self.right = right

    def forward(self, values):
        return torch.searchsorted(self.entries, values, right=self.right)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize(
    "entries",
    [
        torch.tensor([0.5, 1.0, 1.0, 3.0], dtype=torch.float64),
        torch.tensor([-7, 2**40, 2**63 - 1]),
        torch.tensor([5]),
    ],
)
def test_places_in_a_sorted_sequence(entries, right):
    module = Places(entries, right=right)
    marks = entries.tolist()
    near = [mark - 1 for mark in marks] + [min(mark, 2**62) + 1 for mark in marks]
    values = torch.tensor([*marks, *near, *marks], dtype=entries.dtype)
    session = session_of(module, (values[:3].clone(),), (DYNAMIC,))

    (found,) = session.run(None, {session.get_inputs()[0].name: values.numpy()})

    assert found.tolist() == module(values).tolist()
