"""Programs of PyTorch, for any number of rows."""

import pytest
import torch

from fieldwise.data.encoding import encode_frame
from fieldwise.serving.export.scoring_module import ScoringModule
from fieldwise.serving.export.tracing import traced


@pytest.mark.filterwarnings("ignore")
def test_program_equals_the_module(dcnv2, rows):
    program = traced(dcnv2, torch.int32).module()

    for num_rows in (0, 1, 2, 50):
        part = encode_frame(dcnv2.encoder, rows.head(num_rows), labelled=False)
        batch = part.batch(slice(None))
        tensors = (
            batch.indices,
            batch.numbers,
            batch.sequence_indices,
            batch.sequence_offsets,
            list(batch.vectors),
        )
        with torch.inference_mode():
            torch.testing.assert_close(
                program(*tensors), ScoringModule(dcnv2)(*tensors)
            )
