"""A finished feature visualization: its pixels, and how strongly its unit answers."""

import base64
import io
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Visualization:
    """`pixels` `(S, S, 3)` sRGB, a unit's facets as a mosaic; `activation`: the answer to the best facet."""

    pixels: Pixels
    activation: float

    def to_png(self) -> bytes:
        """The picture without loss, the activation in its metadata."""
        facts = PngInfo()
        facts.add_text("activation", repr(self.activation))
        out = io.BytesIO()
        Image.fromarray(self.pixels).save(out, "PNG", pnginfo=facts)
        return out.getvalue()

    @staticmethod
    def from_png(content: bytes) -> "Visualization":
        """What `to_png` wrote.

        Raises:
            OSError, SyntaxError, KeyError, ValueError: the content is damaged or something else.
        """
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            pixels = np.asarray(image.convert("RGB"))
            return Visualization(pixels, float(image.text["activation"]))  # type: ignore[attr-defined]


def finished(pictures: Tensor, activations: list[float], facets: int) -> list[Visualization]:
    """The visualizations of an ascent: `pictures` (units * facets, 3, S, S) in [0, 1]."""
    return [
        Visualization(pixels, max(activations[index * facets : (index + 1) * facets]))
        for index, pixels in enumerate(tiles(pictures, facets))
    ]


def tiles(pictures: Tensor, facets: int) -> list[Pixels]:
    """Bytes `(S, S, 3)` of each unit; several facets stand in a square mosaic."""
    pixels = pictures.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    columns = math.isqrt(facets)
    units = pixels.reshape(-1, facets // columns, columns, *pixels.shape[1:])
    return [np.ascontiguousarray(np.concatenate(np.concatenate(rows, 1), 1)) for rows in units]


def data_url(pixels: Pixels, quality: int = 90) -> str:
    """The picture as WebP in a `data:` address."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=quality, method=2)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()
