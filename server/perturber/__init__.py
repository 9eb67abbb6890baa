"""Perturber: visual analytics for the robustness of convolutional networks."""

__version__ = "0.1.0"
