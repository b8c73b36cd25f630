"""What each system can learn, and the settings under which a small one shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class System:
    """One entry a model.

    Args:
        order: ``additive`` models cannot learn what only a pair of fields tells,
            models of ``pairs`` not what only three tell, ``higher`` ones all of it.
        arguments: of the small model of the planted tests, on top of the usual ones.
        recipe: of its training there, on top of the usual one.
        memorises: whether it is large enough to learn any small table by heart.
    """

    order: Literal["additive", "pairs", "higher"]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    memorises: bool = False


SYSTEMS: dict[str, System] = {
    "lr": System("additive"),
    "fm": System("pairs"),
    "dnn": System("higher", memorises=True),
    "deepfm": System("higher", memorises=True),
    "dcnv2": System("higher", memorises=True),
    "dcn": System("higher", memorises=True),
    "dcnmix": System("higher", {"rank": 8}, memorises=True),
    "gdcn": System("higher", memorises=True),
    "fcn": System("higher", memorises=True),
    "lcn": System("higher", memorises=True),
    "ecn": System("higher", {"num_cross_layers": 2}, memorises=True),
    "autoint": System("higher", {"num_layers": 2, "head_dim": 4}),
    "autointplus": System("higher", {"num_layers": 2, "head_dim": 4}, memorises=True),
    "ipnn": System("higher", memorises=True),
    "xdeepfm": System("higher", {"num_feature_maps": (6, 4)}, memorises=True),
    "fibinet": System("higher", {"embedding_dim": 4}, memorises=True),
    "fgcnn": System(
        "higher",
        {"embedding_dim": 4, "num_channels": (2,), "kernel_size": 5, "pool_size": 4},
        memorises=True,
    ),
    "finalmlp": System("higher", {"second_hidden_dims": (32,)}, memorises=True),
    "finalnet": System("higher", {"second_hidden_dims": (32,)}, memorises=True),
    "masknet": System(
        "higher",
        {"block_dim": 32, "num_blocks": 2, "mask_ratio": 1.0},
        memorises=True,
    ),
    "eulernet": System("higher"),
    "afn": System("higher", {"num_neurons": 32}, memorises=True),
    "afnplus": System(
        "higher", {"num_neurons": 32, "deep_hidden_dims": (64, 32)}, memorises=True
    ),
    "armnet": System(
        "higher",
        {"num_heads": 1, "num_neurons": 8, "batch_norm": False},
        memorises=True,
    ),
    "armnetplus": System(
        "higher",
        {"num_heads": 1, "num_neurons": 8, "deep_hidden_dims": (64, 32)},
        memorises=True,
    ),
    "optinter": System("higher", memorises=True),
    "widedeep": System("higher", memorises=True),
    "ffm": System("pairs", {"embedding_dim": 4}),
    "fwfm": System("pairs"),
    "hiformer": System("higher", {"token_dim": 16, "rank": 16}, memorises=True),
}
