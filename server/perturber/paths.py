"""Where the data rooms lie: at the top of a checkout, or inside the package of an installed wheel."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]
_HOME = _PACKAGE if (_PACKAGE / "frontend").is_dir() else _CHECKOUT

FRONTEND = _HOME / "frontend"
ASSETS = _HOME / "assets"
MODELS = _HOME / "models"


def cache() -> Path:
    """The user's cache of fetched and imported models; `PERTURBER_CACHE` moves it."""
    configured = os.environ.get("PERTURBER_CACHE")
    if configured:
        return Path(configured).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "perturber"
