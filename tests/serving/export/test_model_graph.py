"""The model's part of a file."""

import logging

import torch

from fieldwise.serving.export.model_graph import PREFIX, model_graph


def test_graph_of_a_model(dcnv2, caplog):
    with caplog.at_level(logging.DEBUG, logger="fieldwise"):
        graph = model_graph(dcnv2)

    # Five tensors of a batch, and a value and a logit of three labels.
    assert [len(graph.input), len(graph.output)] == [5, 6]
    names = [node.name for node in graph.node]
    assert all(name.startswith(PREFIX) for name in names if name)
    tables = {each.name: each for each in graph.initializer}
    table = tables[f"{PREFIX}model.embedding.table"]
    assert list(table.dims) == list(dcnv2.model.embedding.table.shape)
    assert table.raw_data == dcnv2.model.embedding.table.detach().numpy().tobytes()
    assert dcnv2.model.embedding.table.dtype == torch.float32


def test_tools_of_others_are_as_loud_as_before(dcnv2):
    logger = logging.getLogger("torch.onnx")
    logger.setLevel(logging.INFO)

    try:
        model_graph(dcnv2)

        assert logger.level == logging.INFO
    finally:
        logger.setLevel(logging.NOTSET)
