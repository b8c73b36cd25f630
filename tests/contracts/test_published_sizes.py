"""The number of parameters of models on Frappe, as logs and papers tell it.

Where nobody published a model of this size, its total is worked out beside it.
"""

import pytest

from fieldwise.models import build_model, model_arguments

PUBLISHED = {
    "embedding_dim": 10,
    "hidden_dims": (400, 400, 400),
    "batch_norm": True,
}
"""Settings of every model, where a model has them and its entry has no other."""

SIZES = [
    # One weight for each of 5,389 features, and the bias.
    ("lr", {}, 5_390),
    # A weight and a vector of 10 for each, and the bias.
    ("fm", {}, 59_280),
    # A weight and nine vectors of 10 for each, and the bias.
    ("ffm", {}, 490_400),
    # Two tables of 53,890, the strengths of 45 pairs, and the bias.
    ("fwfm", {}, 107_826),
    # 53,890 of the table; the tower (100 + 1) 400 + 2 (400 + 1) 400 and 3 * 2 * 400 of
    # its norms = 363,600; the head 401. (The published log lists two such towers.)
    ("dnn", {}, 417_891),
    # The DNN's, whose head holds the only bias, and 5,389 first-order weights.
    ("widedeep", {}, 423_280),
    ("deepfm", {}, 423_280),
    # DeepFM's; maps 10 * 10 * 64 + 64; their head 65.
    ("xdeepfm", {"num_feature_maps": (64,)}, 429_809),
    # 53,890 of the table; cross layers 3 * 2 * 100 = 600; the tower 363,600; the head
    # 100 + 400 + 1.
    ("dcn", {}, 418_591),
    # Cross layers 4 (100 * 100 + 100) = 40,400; the rest as of DCN.
    ("dcnv2", {"num_cross_layers": 4}, 458_391),
    # Cross layers 4 (4 (2 * 100 * 32 + 32 * 32 + 100) + 100) = 120,784.
    ("dcnmix", {"num_cross_layers": 4}, 538_775),
    # Cross layers 4 (2 * 100 * 100 + 100) = 80,400; the head 501, or 401.
    ("gdcn", {"num_cross_layers": 4}, 498_391),
    ("gdcn", {"num_cross_layers": 4, "structure": "stacked"}, 498_291),
    # 53,890 of the table; with D = 100 a layer has 100 * 50 weights, 100 biases, 100
    # and 2 of its norms: 5,202; the head 101.
    ("lcn", {}, 74_799),
    ("ecn", {}, 74_799),
    # 53,890 of the table; 4 (10 * 128) of the first layer, whose widths differ;
    # 5 (3 * 128 * 128) of the others; the head 10 * 128 + 1.
    ("autoint", {"num_layers": 6, "num_heads": 4, "residual": "identity"}, 306_051),
    # 53,890 of the table; attention 4 (10 * 128) + 4 (3 * 128 * 128) + 5 (2 * 128) and
    # its head 10 * 128 + 1; the tower 363,600 and its head 400 + 1: published, 0.62M.
    (
        "autointplus",
        {"num_layers": 5, "num_heads": 4, "residual": "identity", "layer_norm": True},
        622_180,
    ),
    # 53,890 of the table; the tower reads 100 + 45 numbers: 58,400 and twice 160,400;
    # the head 401.
    ("ipnn", {"batch_norm": False}, 433_491),
    # The table 53,890 and the linear part 5,389; scales 2 * 10 * 5; one matrix of 100;
    # the tower reads 2 * 45 * 10 numbers: 360,400, twice 160,400 and 2,400; the head
    # 401.
    ("fibinet", {"reduction_ratio": 2}, 743_480),
    # Two tables of 53,890. Convolutions 7 (6 + 6 * 8 + 8 * 10 + 10 * 12) and 2 * 36.
    # Heights 5, 3, 2, 1: recombinations 301 * 100 + 241 * 60 + 201 * 40 + 121 * 20.
    # The tower reads 32 fields: 320 + 496 numbers, and has 326,800 + 2 * 160,400
    # + 2,400; the head 401.
    ("fgcnn", {"num_channels": (6, 8, 10, 12)}, 815_051),
    # 53,890 of the table; three blocks of 45,400; the tower 60,400 + 2 * 160,400; the
    # head 401.
    ("masknet", {"block_dim": 50, "embedding_norm": False}, 571_691),
    # 53,890 of the table, 10 moduli; powers 10 * 10, biases 2 * 100, a map 100 * 100 +
    # 100; the head 101.
    ("eulernet", {}, 64_401),
    # With twenty products the second layer is wider than the first: 200 + 400 + 20,200
    # and 400 + 400 + 40,200, norms 40 each; the head 201.
    (
        "eulernet",
        {"num_orders": 20, "num_euler_layers": 2, "layer_norm": True},
        115_981,
    ),
    # 53,890 of the table; powers 10 * 1,000, norms 2 * 10 and 2 * 1,000; the layer
    # 10,000 * 400 + 400; the head 401.
    (
        "afn",
        {"num_neurons": 1000, "hidden_dims": (400,), "batch_norm": False},
        4_066_711,
    ),
    # AFN's; a table of 53,890; the tower 40,400 + 2 * 160,400 with its head of 401; 3
    # to weigh both.
    (
        "afnplus",
        {"num_neurons": 1000, "hidden_dims": (400,), "batch_norm": False},
        4_482_205,
    ),
    # 53,890 of the table; 8 * 10 * 10, 256 (10 + 10 + 2); the tower 2,560 * 256 + 256 +
    # 256 * 256 + 256 + 4 * 256; the head 257.
    ("armnet", {"hidden_dims": (256, 256)}, 783_011),
    # Two tables of 53,890; 4 * 10 * 10 and 16 (10 + 10 + 2); towers of 256 and 256 on
    # 160 and on 100 inputs, normalised: 108,032 and 92,672 with a head of 257 each; 3
    # to weigh them.
    ("armnetplus", {"hidden_dims": (256, 256)}, 309_753),
    # 53,890 and 21,556 of the tables; a tower on 100 + 45 * 4: 280 * 400 + 1,200 and
    # twice 161,200; the head 401.
    ("optinter", {}, 511_447),
    # 53,890 of the table; ten projections 10 * 64 + 64; a task token 64; the norms
    # 4 * 64; a query and an output 2 * 64^2; keys and values of eleven tokens by
    # factors of rank 256: 4 * 256 * 11 * 64; a tower 8 * 64^2 + 5 * 64; a head 65.
    ("hiformer", {}, 823_491),
]


@pytest.mark.parametrize(("name", "settings", "total"), SIZES)
def test_size_on_frappe(frappe_schema, name, settings, total):
    known = model_arguments(name)
    usual = {key: value for key, value in PUBLISHED.items() if key in known}

    model = build_model(name, frappe_schema, **usual | settings)

    assert sum(parameter.numel() for parameter in model.parameters()) == total
