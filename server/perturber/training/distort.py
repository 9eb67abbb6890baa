"""What happens to pictures between the thing and the network: lenses, files, light, other backgrounds.

All take pictures (N, 3, H, W) in [0, 1] and give the same; each picture has numbers of its own.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_LUMINANCE = (16, 11, 10, 16, 24, 40, 51, 61)
"""First row of the quantisation table in the JPEG standard (ITU-T T.81, table K.1)."""


def sharpness(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """From blurred by a Gaussian of 1 to 2 pixels to sharpened as much: a sharp rendering is no foreign
    thing."""
    sigma = float(1 + torch.rand((), generator=generator, device=pictures.device))
    amount = _uniform(pictures, -1.0, 1.5, generator)
    return (pictures + amount * (pictures - _gaussian(pictures, sigma))).clamp(0, 1)


def colours(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Another white balance, another saturation, and another hue by up to a twentieth of the circle."""
    balance = 0.85 + 0.3 * torch.rand((len(pictures), 3, 1, 1), generator=generator, device=pictures.device)
    grey = pictures.mean(1, keepdim=True)
    saturated = grey + (pictures - grey) * _uniform(pictures, 0.4, 1.5, generator)
    turned = _turn_hue(saturated, _uniform(pictures, -0.05, 0.05, generator)[:, 0, 0, 0])
    return (turned * balance).clamp(0, 1)


def compression(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """As stored in a coarse JPEG file: blocks of 8 px, their cosine coefficients rounded.

    H and W: multiples of 8.
    """
    count, channels, height, width = pictures.shape
    basis = _cosines(pictures.device)
    blocks = pictures.reshape(count, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    coarseness = 10 ** _uniform(pictures, -0.5, 0.8, generator)[..., None, None]
    row = torch.tensor(_LUMINANCE, device=pictures.device) / 255
    table = coarseness * torch.maximum(row[:, None], row)
    coefficients = basis @ (blocks - 0.5) @ basis.T
    rounded = (coefficients / table).round() * table
    restored = basis.T @ rounded @ basis + 0.5
    return restored.transpose(3, 4).reshape(pictures.shape).clamp(0, 1)


def background(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Outside of a soft ellipse around the middle: a plain colour, or the next of the pictures."""
    device = pictures.device
    colour = torch.rand((len(pictures), 3, 1, 1), generator=generator, device=device)
    plain = _uniform(pictures, 0, 1, generator) < 0.5
    behind = torch.where(plain, colour, pictures.roll(1, 0))
    wide, high = _uniform(pictures, 0.7, 1.1, generator), _uniform(pictures, 0.7, 1.1, generator)
    down, across = (torch.linspace(-1, 1, side, device=device) for side in pictures.shape[2:])
    radius = ((across / wide) ** 2 + (down[:, None] / high) ** 2).sqrt()
    inside = torch.sigmoid(12 * (1 - radius))
    return behind + (pictures - behind) * inside


def sometimes(changed: Tensor, pictures: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """The changed picture with probability `share`, else the picture."""
    return torch.where(_uniform(pictures, 0, 1, generator) < share, changed, pictures)


def _uniform(pictures: Tensor, low: float, high: float, generator: torch.Generator) -> Tensor:
    """(N, 1, 1, 1)."""
    uniform = torch.rand((len(pictures), 1, 1, 1), generator=generator, device=pictures.device)
    return low + (high - low) * uniform


def _gaussian(pictures: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(2 * sigma)
    offsets = torch.arange(-reach, reach + 1, device=pictures.device)
    kernel = torch.exp(-((offsets / sigma) ** 2) / 2)
    kernel = (kernel / kernel.sum()).expand(3, 1, 1, -1)
    padded = F.pad(pictures, (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel, groups=3), kernel.transpose(2, 3), groups=3)


def _turn_hue(pictures: Tensor, turns: Tensor) -> Tensor:
    """Rotation of the colours around the grey axis, by Rodrigues' formula."""
    angle = 2 * math.pi * turns[:, None, None]
    third = torch.full((3, 3), 1 / 3, device=pictures.device)
    along = 1 / math.sqrt(3)
    cross = along * torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=pictures.device)
    eye = torch.eye(3, device=pictures.device)
    rotation = angle.cos() * eye + angle.sin() * cross + (1 - angle.cos()) * third
    return torch.einsum("nij,njhw->nihw", rotation, pictures)


def _cosines(device: torch.device) -> Tensor:
    """The orthonormal discrete cosine transform of 8 values as a matrix."""
    place = torch.arange(8, device=device)
    basis = torch.cos(math.pi / 8 * (place + 0.5) * place[:, None]) / 2
    basis[0] /= math.sqrt(2)
    return basis
