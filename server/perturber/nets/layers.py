"""The layers of Inception V1 (inception5h) that the dashboard can show, input to output."""

CHANNELS: dict[str, int] = {
    "conv2d0": 64,
    "conv2d1": 64,
    "conv2d2": 192,
    "mixed3a": 256,
    "mixed3b": 480,
    "mixed4a": 508,
    "mixed4b": 512,
    "mixed4c": 512,
    "mixed4d": 528,
    "mixed4e": 832,
    "mixed5a": 832,
    "mixed5b": 1024,
}
"""Units (output channels) of each layer, in network order."""
