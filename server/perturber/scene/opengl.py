"""The one door to OpenGL: loads PyOpenGL on EGL, and of pyrender only what draws.

Importing this module is what fails when EGL is missing: with a `RenderError` that holds the cure.
"""

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

from perturber.scene.errors import RenderError

CURE = "apt-get install -y libegl1 libgl1-mesa-dri libgles2"

os.environ.setdefault("PYOPENGL_PLATFORM", "egl")


def _load() -> dict[str, Any]:
    """The modules by name.

    pyrender's own `__init__` brings a viewer, scipy and networkx, two thirds of a worker's start: a bare
    package stands in while the needed modules load. Shaders come before EGL: PyOpenGL 3.1.0 needs it so.
    """
    names = ("shader_program", "primitive", "platforms.egl")
    if "pyrender" in sys.modules:
        return {name: importlib.import_module(f"pyrender.{name}") for name in names}
    found = importlib.util.find_spec("pyrender")
    if found is None or found.submodule_search_locations is None:
        raise RenderError("pyrender is missing. Cure: pip install pyrender")
    package = ModuleType("pyrender")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules["pyrender"] = package
    try:
        return {name: importlib.import_module(f"pyrender.{name}") for name in names}
    finally:
        del sys.modules["pyrender"]


try:
    _modules = _load()
    from OpenGL import GL
except RenderError:
    raise
except Exception as error:  # a missing library surfaces as AttributeError, ImportError or OSError
    raise RenderError(f"no EGL ({type(error).__name__}: {error}). Cure: {CURE}") from error

ShaderProgramCache = _modules["shader_program"].ShaderProgramCache
Primitive = _modules["primitive"].Primitive
_egl = _modules["platforms.egl"]

__all__ = ["CURE", "GL", "Primitive", "ShaderProgramCache", "create_context"]


def create_context() -> Any:
    """A current off-screen OpenGL context: pyrender's `EGLPlatform`.

    Raises:
        RenderError: there is no driver for it; the message holds the cure.
    """
    try:
        device = _egl.get_device_by_index(int(os.environ.get("EGL_DEVICE_ID", "0")))
        context = _egl.EGLPlatform(1, 1, device=device)
        context.init_context()
    except Exception as error:  # PyOpenGL and pyrender fail by assertion, GLError, IndexError or RuntimeError
        reason = f"no off-screen OpenGL context ({type(error).__name__}: {error})"
        raise RenderError(f"{reason}. Cure: {CURE}") from error
    return context
