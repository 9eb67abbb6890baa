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
    value = torch.maximum(torch.maximum(red, green), blue)
    chroma = value - torch.minimum(torch.minimum(red, green), blue)
    # Masks as numbers, and floor for the remainder: torch's `where` and `%` are many times slower on a CPU.
    is_red = (value == red).to(picture.dtype)
    is_green = (value == green).to(picture.dtype) * (1 - is_red)
    is_blue = 1 - is_red - is_green
    differences = is_red * (green - blue) + is_green * (blue - red) + is_blue * (red - green)
    # Grey has no hue: any will do, as its chroma is 0.
    sextant = differences / (chroma + (chroma == 0)) + 2 * is_green + 4 * is_blue + 6 * turns
    place = sextant - 6 * (sextant / 6).floor()
    # How far red, green and blue lie below the value, in chromas, around the wheel of six sextants.
    falls = (2 - (place - 3).abs(), (place - 2).abs() - 1, (place - 4).abs() - 1)
    return torch.stack([value - chroma * fall.clamp(0, 1) for fall in falls], -3)


def saturate(picture: Tensor, saturation: float) -> Tensor:
    """`picture` moved away from its own grey: 0 is greyscale, 1 the very same tensor, 2 twice as far.

    The result is clamped to [0, 1]. Grey is the Rec. 709 luma.
    """
    if saturation == 1:
        return picture
    red, green, blue = picture.unbind(-3)
    grey = (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue).unsqueeze(-3)
    return (grey + saturation * (picture - grey)).clamp(0, 1)
