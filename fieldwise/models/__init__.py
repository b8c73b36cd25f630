"""Published systems: one file each, all in one explicit table."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from torch import nn

from fieldwise.errors import ConfigError
from fieldwise.models.afn import AFN
from fieldwise.models.afnplus import AFNPlus
from fieldwise.models.armnet import ARMNet
from fieldwise.models.armnetplus import ARMNetPlus
from fieldwise.models.autoint import AutoInt
from fieldwise.models.autointplus import AutoIntPlus
from fieldwise.models.dcn import DCN
from fieldwise.models.dcnmix import DCNMix
from fieldwise.models.dcnv2 import DCNv2
from fieldwise.models.deepfm import DeepFM
from fieldwise.models.dnn import DNN
from fieldwise.models.ecn import ECN
from fieldwise.models.eulernet import EulerNet
from fieldwise.models.fcn import FCN
from fieldwise.models.ffm import FFM
from fieldwise.models.fgcnn import FGCNN
from fieldwise.models.fibinet import FiBiNET
from fieldwise.models.finalmlp import FinalMLP
from fieldwise.models.finalnet import FinalNet
from fieldwise.models.fm import FM
from fieldwise.models.fwfm import FwFM
from fieldwise.models.gdcn import GDCN
from fieldwise.models.hiformer import Hiformer
from fieldwise.models.ipnn import IPNN
from fieldwise.models.lcn import LCN
from fieldwise.models.lr import LR
from fieldwise.models.masknet import MaskNet
from fieldwise.models.optinter import OptInter
from fieldwise.models.widedeep import WideDeep
from fieldwise.models.xdeepfm import XDeepFM
from fieldwise.schema import Schema

__all__ = ["AFN", "DCN", "DNN", "ECN", "FCN", "FFM", "FGCNN", "FM", "GDCN", "IPNN"]
__all__ += ["LCN", "LR", "MODELS", "AFNPlus", "ARMNet", "ARMNetPlus", "AutoInt"]
__all__ += ["AutoIntPlus", "DCNMix", "DCNv2", "DeepFM", "EulerNet", "FiBiNET"]
__all__ += ["FinalMLP", "FinalNet", "FwFM", "Hiformer", "MaskNet", "OptInter"]
__all__ += ["WideDeep", "XDeepFM", "build_model", "model_arguments"]

MODELS: Mapping[str, type[nn.Module]] = {
    "lr": LR,
    "fm": FM,
    "dnn": DNN,
    "deepfm": DeepFM,
    "dcnv2": DCNv2,
    "dcn": DCN,
    "dcnmix": DCNMix,
    "gdcn": GDCN,
    "fcn": FCN,
    "lcn": LCN,
    "ecn": ECN,
    "autoint": AutoInt,
    "autointplus": AutoIntPlus,
    "finalmlp": FinalMLP,
    "finalnet": FinalNet,
    "masknet": MaskNet,
    "eulernet": EulerNet,
    "ipnn": IPNN,
    "xdeepfm": XDeepFM,
    "fibinet": FiBiNET,
    "fgcnn": FGCNN,
    "afn": AFN,
    "afnplus": AFNPlus,
    "armnet": ARMNet,
    "armnetplus": ARMNetPlus,
    "optinter": OptInter,
    "widedeep": WideDeep,
    "ffm": FFM,
    "fwfm": FwFM,
    "hiformer": Hiformer,
}
"""Every system by the name used in configurations and saved rankers."""


def model_arguments(name: str) -> dict[str, Any]:
    """The arguments of a model beside the schema.

    Args:
        name: name in ``MODELS``.

    Returns:
        Defaults by argument.

    Raises:
        ConfigError: if there is no such model.
    """
    if name not in MODELS:
        message = f"model must be one of {list(MODELS)}, got {name!r}."
        message += _did_you_mean(name, MODELS)
        raise ConfigError(message)
    parameters = inspect.signature(MODELS[name]).parameters.values()
    return {p.name: p.default for p in parameters if p.name != "schema"}


def build_model(name: str, schema: Schema, **arguments: Any) -> nn.Module:  # noqa: ANN401
    """Build a model by name.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> build_model("fm", Schema((field,)), embedding_dims=4)
        Traceback (most recent call last):
        fieldwise.errors.ConfigError: arguments of model 'fm' must be among ...

    Args:
        name: name in ``MODELS``.
        schema: a fitted schema.
        **arguments: arguments of the model.

    Returns:
        The model, with fresh weights.

    Raises:
        ConfigError: if there is no such model, or it has no such argument.
        SchemaError: if the schema is not fitted.
    """
    known = model_arguments(name)
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        message = (
            f"arguments of model {name!r} must be among {list(known)}, got {unknown}."
            + "".join(_did_you_mean(argument, known) for argument in unknown)
        )
        raise ConfigError(message)
    return MODELS[name](schema, **arguments)


def _did_you_mean(given: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(given.lower(), list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
