"""Colour effects. Pictures are (..., 3, H, W); every function is differentiable almost everywhere."""

import torch
from torch import Tensor

LUMA = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue in grey: Rec. 709 luma, taken on the sRGB values as they are."""


def darken(picture: Tensor, alpha: float) -> Tensor:
    """`picture` over black at opacity `alpha` in [0, 1]; at 1 the very same tensor."""
    return picture if alpha == 1 else picture * alpha


def turn_hue(picture: Tensor, turns: float) -> Tensor:
    """`picture` with the HSV hue of every pixel turned by `turns` of the colour wheel.

    Value and chroma (the largest component, and its distance to the smallest) stay, so nothing leaves the
    range it was in, and ±0.5 agree. Hue depends on differences of components alone: the signed values
    of a frequency band have one too. A whole number of turns gives the very same tensor.

    Source: Smith 1978, "Color gamut transform pairs", the hexcone model.
    """
    turns %= 1.0
    if turns == 0:
        return picture
    red, green, blue = picture.unbind(-3)
    value = picture.amax(-3)
    chroma = value - picture.amin(-3)
    divisor = chroma + (chroma == 0)  # grey has no hue: any will do, as its chroma is 0
    sextant = torch.where(
        value == red,
        (green - blue) / divisor,
        torch.where(value == green, (blue - red) / divisor + 2, (red - green) / divisor + 4),
    )
    turned = sextant + 6 * turns
    return torch.stack([value - chroma * _fall(turned + offset) for offset in (5, 3, 1)], -3)


def _fall(position: Tensor) -> Tensor:
    """How far a component lies below the value, in chromas, at a place on the wheel of six sextants."""
    position = position % 6
    return torch.minimum(position, 4 - position).clamp(0, 1)


def saturate(picture: Tensor, saturation: float) -> Tensor:
    """`picture` moved away from its own grey: 0 is greyscale, 1 the very same tensor, 2 twice as far.

    The result is clamped to [0, 1]. Grey is the Rec. 709 luma.
    """
    if saturation == 1:
        return picture
    red, green, blue = picture.unbind(-3)
    grey = (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue).unsqueeze(-3)
    return (grey + saturation * (picture - grey)).clamp(0, 1)
