"""`perturber predict`: the top classes of picture files."""

import argparse
import json
import sys
import warnings
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from perturber.errors import PerturberError
from perturber.nets.classifier import Prediction
from perturber.nets.zoo import Zoo


def run(options: argparse.Namespace) -> int:
    """A line an image; a file that can't be read is named on stderr and the others go on."""
    if options.top < 1:
        raise PerturberError(f"--top: expected a number of at least 1, got {options.top}")
    network = Zoo(options.device).load(options.model, options.checkpoint)
    failed = 0
    for image in options.images:
        try:
            picture = open_picture(image)
        except PerturberError as error:
            print(f"perturber predict: {error}", file=sys.stderr)
            failed += 1
            continue
        with torch.inference_mode():
            logits = network.answer(picture, layer=None, logits=True).logits
        assert logits is not None
        top = network.top(logits[0], options.top)
        print(json.dumps({"image": image, "top": top}) if options.json else _readable(image, top), flush=True)
    return 1 if failed else 0


def open_picture(file: str) -> Tensor:
    """The picture's central square, `(1, 3, side, side)` in [0, 1], upright; the network resizes it itself.

    Raises:
        PerturberError: not a readable picture, or so large that it looks like a decompression bomb.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB")
    except Exception as error:  # Pillow's decoders raise whatever a broken file leads them to
        raise PerturberError(f"{file}: expected a picture file, got: {error}") from error
    side = min(upright.size)
    square = ImageOps.fit(upright, (side, side))
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float().div_(255)


def _readable(image: str, top: Sequence[Prediction]) -> str:
    rows = [f"  {row['probability']:7.2%}  {row['logit']:8.3f}  {row['class']}" for row in top]
    return "\n".join([image, *rows])
