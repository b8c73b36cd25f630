"""The number of parameters of every model, from its formula and the schema alone.

Sizes are those of ``small_models`` and the defaults of each model.
"""

import pytest

from fieldwise.models import MODELS
from tests.contracts.small_models import EMBEDDING_DIM, HIDDEN_DIMS, make_model


def count_embedding(schema, dim):
    """Parameters of a ``FieldEmbedding``, from the schema alone."""
    encodings = [field.encoding for field in schema.number_fields]
    pieces = [
        max(1, len(field.edges) - 1)
        for field in schema.number_fields
        if field.encoding == "ple"
    ]
    waves = 16
    return (
        schema.num_features * dim
        # a slope, and a vector for missing numbers
        + encodings.count("standard") * 2 * dim
        # a slope, a bias, a missing vector, and the pieces of the longest curve
        + len(pieces) * dim * (3 + max(pieces))
        # the frequencies; then a cosine and a sine of each, a bias, a missing vector
        + encodings.count("periodic") * (waves + dim * (2 * waves + 2))
        # a linear map with a bias, and a missing vector
        + sum(dim * (field.vector_dim + 2) for field in schema.vector_fields)
    )


def count_tower(width):
    total = 0
    for out in HIDDEN_DIMS:
        total += width * out + out
        width = out
    return total


def count_lr(schema):
    return count_embedding(schema, 1) + 1


def count_fm(schema):
    return count_lr(schema) + count_embedding(schema, EMBEDDING_DIM)


def count_dnn(schema):
    width = len(schema) * EMBEDDING_DIM
    head = HIDDEN_DIMS[-1] + 1
    return count_embedding(schema, EMBEDDING_DIM) + count_tower(width) + head


def count_deepfm(schema):
    return count_dnn(schema) + count_embedding(schema, 1)


def count_dcnv2(schema):
    width = len(schema) * EMBEDDING_DIM
    return count_dnn(schema) + 3 * (width**2 + width) + width


def count_ipnn(schema):
    fields = len(schema)
    pairs = fields * (fields - 1) // 2
    return count_dnn(schema) + pairs * HIDDEN_DIMS[0]


def count_xdeepfm(schema):
    fields = len(schema)
    crosses = fields**2 * 5 + 5 + fields * 5 * 3 + 3
    return count_deepfm(schema) + crosses + 5 + 3 + 1


def count_fibinet(schema):
    fields = len(schema)
    scales = 2 * fields * (fields // 3)
    tower = count_tower(fields * (fields - 1) * EMBEDDING_DIM) + HIDDEN_DIMS[-1] + 1
    tables = count_embedding(schema, EMBEDDING_DIM) + count_embedding(schema, 1)
    return tables + scales + EMBEDDING_DIM**2 + tower


def count_fgcnn(schema):
    fields = height = len(schema)
    total, before = 2 * count_embedding(schema, EMBEDDING_DIM), 1
    for channels in (3, 2):
        height = -(-height // 2)
        width = height * EMBEDDING_DIM
        total += 7 * before * channels + 2 * channels
        total += (width * channels + 1) * width * 2
        fields, before = fields + 2 * height, channels
    inputs = fields * EMBEDDING_DIM + fields * (fields - 1) // 2
    return total + count_tower(inputs) + HIDDEN_DIMS[-1] + 1


def count_finalmlp(schema):
    width = len(schema) * EMBEDDING_DIM
    first, second, hidden, heads = HIDDEN_DIMS[-1], 4, 5, 2
    gate = EMBEDDING_DIM + (EMBEDDING_DIM + 1) * hidden + (hidden + 1) * width
    towers = count_tower(width) + (width + 1) * second
    fusion = first + 1 + second + 1 + first * second // heads
    return count_embedding(schema, EMBEDDING_DIM) + 2 * gate + towers + fusion


def count_finalnet(schema):
    fields, second = len(schema), 4
    width = fields * EMBEDDING_DIM
    first = count_tower(2 * width) + 2 * sum(HIDDEN_DIMS) + HIDDEN_DIMS[-1] + 1
    other = (width + 1) * second + 2 * second + second + 1
    scaling = fields**2 + fields
    return count_embedding(schema, EMBEDDING_DIM) + scaling + first + other


def count_masknet(schema):
    width, block = len(schema) * EMBEDDING_DIM, 8
    mask = (width + 1) * 2 * width + (2 * width + 1) * width
    blocks = 3 * (mask + width * block + 2 * block)
    head = HIDDEN_DIMS[-1] + 1
    network = 2 * width + blocks + count_tower(3 * block) + head
    return count_embedding(schema, EMBEDDING_DIM) + network


def count_eulernet(schema):
    fields, dim = len(schema), EMBEDDING_DIM
    width = fields * dim
    layer = fields**2 + 2 * width + (width + 1) * width
    return count_embedding(schema, dim) + fields + layer + width + 1


def count_afn(schema):
    fields, neurons = len(schema), 6
    products = neurons * (fields + 2) + 2 * fields
    tower = count_tower(neurons * EMBEDDING_DIM) + HIDDEN_DIMS[-1] + 1
    return count_embedding(schema, EMBEDDING_DIM) + products + tower


def count_afnplus(schema):
    deep = (len(schema) * EMBEDDING_DIM + 1) * 5 + 5 + 1
    return count_afn(schema) + count_embedding(schema, EMBEDDING_DIM) + deep + 3


def count_armnet(schema, heads=8):
    dim, neurons = EMBEDDING_DIM, 6 * heads
    crosses = heads * dim**2 + neurons * (dim + len(schema) + 2)
    tower = count_tower(neurons * dim) + 2 * sum(HIDDEN_DIMS) + HIDDEN_DIMS[-1] + 1
    return count_embedding(schema, dim) + crosses + tower


def count_armnetplus(schema):
    deep = (len(schema) * EMBEDDING_DIM + 1) * 5 + 2 * 5 + 5 + 1
    table = count_embedding(schema, EMBEDDING_DIM)
    return count_armnet(schema, heads=4) + table + deep + 3


def count_attention(schema, *, num_layers=3, num_heads=2, head_dim=32):
    width = num_heads * head_dim
    first = 4 * EMBEDDING_DIM * width
    return first + (num_layers - 1) * 4 * width**2 + len(schema) * width


def count_autoint(schema):
    return count_embedding(schema, EMBEDDING_DIM) + count_attention(schema) + 1


def count_autointplus(schema):
    return count_dnn(schema) + count_attention(schema) + 1


def count_dcn(schema):
    width = len(schema) * EMBEDDING_DIM
    return count_dnn(schema) + 3 * 2 * width + width


def count_dcnmix(schema):
    width = len(schema) * EMBEDDING_DIM
    experts, rank = 4, 32
    cross = experts * (2 * width * rank + rank**2 + width) + width
    return count_dnn(schema) + 3 * cross + width


def count_gdcn(schema):
    width = len(schema) * EMBEDDING_DIM
    return count_dnn(schema) + 3 * (2 * width**2 + width) + width


def count_masked_crosses(schema, num_layers):
    """Layers of half a matrix, a bias and a normalised mask; and a head."""
    width = len(schema) * EMBEDDING_DIM
    return num_layers * (width**2 // 2 + 2 * width) + width + 1


def count_lcn(schema):
    return count_embedding(schema, EMBEDDING_DIM) + count_masked_crosses(schema, 4)


def count_fcn(schema):
    return count_lcn(schema) + count_masked_crosses(schema, 3)


def count_optinter(schema):
    cross_dim = 4
    sizes = schema.table_sizes[: len(schema.index_fields)]
    pairs = len(sizes) * (len(sizes) - 1) // 2
    width = len(schema) * EMBEDDING_DIM + pairs * cross_dim
    norms = 2 * sum(HIDDEN_DIMS)
    tables = count_embedding(schema, EMBEDDING_DIM) + sum(sizes) * cross_dim
    return tables + count_tower(width) + norms + HIDDEN_DIMS[-1] + 1


def count_ffm(schema):
    others = len(schema) - 1
    return count_embedding(schema, others * 4) + count_lr(schema)


def count_fwfm(schema):
    pairs = len(schema) * (len(schema) - 1) // 2
    return 2 * count_embedding(schema, EMBEDDING_DIM) + pairs + 1


def count_hiformer(schema):
    fields, dim, expansion = len(schema), 8, 4
    width = (fields + 1) * dim
    rank = min(256, width // 2)
    projections = fields * (EMBEDDING_DIM + 1) * dim
    keys_and_values = 2 * rank * 2 * width
    tower = 2 * expansion * dim**2 + expansion * dim + dim
    # the task token, two norms, its query and output, its tower, its head
    of_task = dim + 4 * dim + 2 * dim**2 + tower + dim + 1
    table = count_embedding(schema, EMBEDDING_DIM)
    return table + projections + keys_and_values + of_task


COUNTS = {
    # One line a model.
    "lr": count_lr,
    "fm": count_fm,
    "dnn": count_dnn,
    "deepfm": count_deepfm,
    "dcnv2": count_dcnv2,
    "dcn": count_dcn,
    "dcnmix": count_dcnmix,
    "gdcn": count_gdcn,
    "fcn": count_fcn,
    "lcn": count_lcn,
    "ecn": count_lcn,
    "autoint": count_autoint,
    "autointplus": count_autointplus,
    "ipnn": count_ipnn,
    "xdeepfm": count_xdeepfm,
    "fibinet": count_fibinet,
    "fgcnn": count_fgcnn,
    "finalmlp": count_finalmlp,
    "finalnet": count_finalnet,
    "masknet": count_masknet,
    "eulernet": count_eulernet,
    "afn": count_afn,
    "afnplus": count_afnplus,
    "armnet": count_armnet,
    "armnetplus": count_armnetplus,
    "optinter": count_optinter,
    "widedeep": count_deepfm,
    "ffm": count_ffm,
    "fwfm": count_fwfm,
    "hiformer": count_hiformer,
}


@pytest.mark.parametrize("name", MODELS)
def test_number_of_parameters(name, mixed_schema):
    model = make_model(name, mixed_schema)

    count = sum(parameter.numel() for parameter in model.parameters())

    assert count == COUNTS[name](mixed_schema)


def test_every_model_has_a_formula():
    assert set(COUNTS) == set(MODELS)
