"""Inception V1, the model zoo and layer taps."""
