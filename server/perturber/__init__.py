"""Perturber: visual analytics for the robustness of convolutional networks."""

import os

__version__ = "0.1.0"

# Read when torch is first imported. OpenMP's threads otherwise spin while they wait, on the very cores that
# the software renderer and the other network need: under load a frame then takes ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
