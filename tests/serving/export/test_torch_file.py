"""Programs of PyTorch on disk."""

import subprocess
import sys

import numpy as np
import pytest

from fieldwise.serving.export.torch_file import TorchFile, write_torch

ALONE = """
import sys
sys.modules["fieldwise"] = None
import torch
program = torch.export.load(sys.argv[1]).module()
values, logits = program(
    torch.zeros(2, 8, dtype=torch.int32),
    torch.zeros(2, 3),
    torch.zeros(0, dtype=torch.int32),
    torch.zeros(5, dtype=torch.int32),
    [torch.zeros(2, 3)],
)
print(len(values), tuple(values[0].shape), bool((values[0] > 0).all()))
"""


@pytest.mark.filterwarnings("ignore")
def test_program_scores_as_the_ranker_and_without_fieldwise(dcnv2, rows, tmp_path):
    path = tmp_path / "model.pt2"

    write_torch(dcnv2, path)

    values, logits = TorchFile(path, dcnv2.encoder).score(rows)
    wanted = dcnv2.score(rows)
    np.testing.assert_allclose(values, wanted.values, rtol=1e-6)
    np.testing.assert_allclose(logits, wanted.logits, atol=1e-5)
    alone = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ALONE, path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.stdout == "3 (2,) True\n", alone.stderr
