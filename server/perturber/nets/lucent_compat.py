"""Lucent beside a CPU-only build of torch. Import lucent through this module, and only where it is needed:
it pulls in torchvision, scikit-learn, IPython and kornia."""

import warnings
from functools import cache
from importlib import import_module
from types import ModuleType

import torch


def lucent(submodule: str) -> ModuleType:
    """The module `lucent.<submodule>`."""
    make_torchvision_importable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # kornia 0.4.1, which lucent pins, is of 2020
        return import_module(f"lucent.{submodule}")


@cache
def make_torchvision_importable() -> torch.library.Library | None:
    """Declares two operators that torchvision expects from its compiled part, if that couldn't be loaded.

    PyPI's torchvision is built against CUDA. Beside a CPU-only torch its import fails with `operator
    torchvision::nms does not exist`; the declarations cure it, and nobody here calls the operators.
    The result keeps them alive.
    """
    try:
        import_module("torchvision")
        return None
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        schema = f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        library.define(schema)  # type: ignore[no-untyped-call]
    return library
