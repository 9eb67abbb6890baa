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

__all__ = ["CURE", "GL", "Primitive", "ShaderProgramCache", "create_context", "delete_context"]


def create_context() -> Any:
    """A current off-screen OpenGL context (pyrender's `EGLPlatform`), on the first device that gives one.

    The environment's `EGL_DEVICE_ID` chooses a device by its number instead.

    Raises:
        RenderError: there is no driver for it; the message holds the cure.
    """
    reasons = []
    try:
        chosen = os.environ.get("EGL_DEVICE_ID")
        devices = _egl.query_devices() if chosen is None else [_egl.get_device_by_index(int(chosen))]
    except (
        Exception
    ) as error:  # pyrender and PyOpenGL fail by GLError, IndexError, RuntimeError or ValueError
        devices, reasons = [], [f"{type(error).__name__}: {error}"]
    for device in devices:
        try:
            context = _egl.EGLPlatform(1, 1, device=device)
            context.init_context()
            return context
        except Exception as error:  # a graphics card may be there without its driver: the next may be Mesa's
            reasons.append(f"{type(error).__name__}: {error}")
    raise RenderError(f"no off-screen OpenGL ({'; '.join(reasons) or 'no device'}). Cure: {CURE}")


def delete_context(context: Any) -> None:
    """End `context` and all that was uploaded into it.

    pyrender would end the display as well, and with it every other context of this process.
    """
    from OpenGL import EGL

    display = context._egl_display
    EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)
    EGL.eglDestroyContext(display, context._egl_context)
