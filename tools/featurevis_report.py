"""Are the feature visualizations good? Measured against the validation images, printed as Markdown.

    python tools/featurevis_report.py --data DIR

For each finished network and both parameterizations: the share of the shipped units whose picture, as it is
shown (8 bits, WebP), raises its activation above the 99.9th percentile of all positions of its map over the
validation images; and the pictures' share of spectral energy below a quarter of the Nyquist frequency.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from perturber.explain.library import Library, order
from perturber.explain.sheet_maker import FAMILY, shown_units
from perturber.explain.visualization import Visualization
from perturber.nets import catalog
from perturber.nets.classifier import Classifier
from perturber.nets.zoo import Zoo
from perturber.training.data import read_pictures
from perturber.training.evaluate import low_frequency_share

PERCENTILE = 99.9
DEEP = "mixed4a"
"""From here on pictures fill their frame: the spectra are of these layers."""
BATCH = 50


def main() -> None:
    """Measure every finished network and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("PERTURBER_DATA"), help="Tiny ImageNet's mosaics"
    )
    parser.add_argument("--images", type=int, default=2000, help="validation images (default 2000)")
    parser.add_argument("--units", type=int, help="at most so many units a layer (default: all shipped)")
    options = parser.parse_args()
    if options.data is None:
        parser.error("expected --data DIR or PERTURBER_DATA")
    images = read_pictures(Path(options.data), "val").first(options.images).images
    units = {layer: some[: options.units] for layer, some in shown_units(final=True).items()}
    zoo, library = Zoo("cpu"), Library()
    print(f"{sum(map(len, units.values()))} units, {len(images)} validation images\n")
    print("| network | parameterization | above the percentile | low-frequency share |\n|---|---|---|---|")
    for entry in catalog.entries():
        if entry.family == FAMILY and entry.final:
            network = zoo.load(entry.variant)
            limits = percentiles(network, images, units)
            for naive in (False, True):
                row = measure(network, library, units, limits, naive)
                form = "naive" if naive else "Fourier"
                print(f"| {entry.variant} | {form} | {row[0]:.1%} | {row[1]:.3f} |", flush=True)


def measure(
    network: Classifier,
    library: Library,
    units: Mapping[str, Sequence[int]],
    limits: Mapping[str, Tensor],
    naive: bool,
) -> tuple[float, float]:
    """The share of units whose picture exceeds its limit, and deep pictures' mean low-frequency share."""
    above: list[bool] = []
    low: list[float] = []
    for layer, of_layer in units.items():
        asked = order(network, layer, naive=naive)
        stack = _stack(library.pictures(network, asked, of_layer))
        with torch.no_grad():
            values, _ = asked.objective.measure(network, stack, torch.tensor(of_layer))
        above += (values > limits[layer]).tolist()
        if layer >= DEEP:
            low.append(low_frequency_share(stack - stack.mean(dim=(2, 3), keepdim=True)))
    return float(np.mean(above)), float(np.mean(low))


@torch.inference_mode()
def percentiles(network: Classifier, images: Tensor, units: Mapping[str, Sequence[int]]) -> dict[str, Tensor]:
    """Each unit's percentile over all positions of its map and all `images` (N, 3, 64, 64), by layer."""
    highest: dict[str, Tensor] = {}
    for first in range(0, len(images), BATCH):
        batch = images[first : first + BATCH]
        taps = network.network.run(network.prepare(batch.float() / 255), list(units), logits=False).taps
        for layer, of_layer in units.items():
            values = taps[layer][:, list(of_layer)].transpose(0, 1).flatten(1)
            kept = round(len(images) * values.shape[1] / len(batch) * (1 - PERCENTILE / 100))
            values = torch.cat([highest[layer], values], 1) if layer in highest else values
            highest[layer] = values.topk(min(max(1, kept), values.shape[1])).values
    return {layer: values[:, -1] for layer, values in highest.items()}


def _stack(pictures: Sequence[Visualization]) -> Tensor:
    pixels = np.stack([picture.pixels for picture in pictures])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255


if __name__ == "__main__":
    main()
