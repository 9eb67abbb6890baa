"""How far a fine-tuning's units have left those that they started as (thesis, figures 4.6 and 4.7)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from perturber.nets.classifier import Classifier
from perturber.nets.inception import InceptionV1
from perturber.nets.layers import CHANNELS
from perturber.training.augment import enlarge

SAMPLES = 20_000
"""Places (of all pictures, rows and columns) whose activations are compared, all units of each."""

_BATCH = 32


class Correlation:
    """Pearson's coefficient of two sequences that come in parts."""

    def __init__(self) -> None:
        self._sums = torch.zeros(6, dtype=torch.float64)

    def add(self, first: Tensor, second: Tensor) -> None:
        """The next part of both, of equal shape."""
        x, y = first.double().flatten(), second.double().flatten()
        parts = (x.new_tensor(len(x)), x.sum(), y.sum(), x @ x, y @ y, x @ y)
        self._sums += torch.stack(parts).cpu()

    @property
    def value(self) -> float:
        """From -1 to 1; 0 where one of the two is constant."""
        count, x, y, xx, yy, xy = self._sums.tolist()
        spread = (count * xx - x * x) * (count * yy - y * y)
        return float((count * xy - x * y) / spread**0.5) if spread > 0 else 0.0


def activation_correlations(
    start: Classifier, others: Sequence[Classifier], images: Tensor, seed: int = 0
) -> list[dict[str, float]]:
    """For each of `others` by layer: the correlation of its activations with those of `start`.

    images: (N, 3, h, w) uint8, enlarged to the networks' input. Activations are those before the ReLU, at
    random places, `SAMPLES` of all pictures together.
    """
    found = [{layer: Correlation() for layer in CHANNELS} for _ in others]
    generator = torch.Generator().manual_seed(seed)
    for batch in torch.split(images, _BATCH):
        pictures = enlarge(batch, start.input_size)
        share = SAMPLES * len(batch) // len(images)
        places = {layer: torch.rand(share, generator=generator) for layer in CHANNELS}
        reference = _sampled(start, pictures, places)
        for correlations, other in zip(found, others, strict=True):
            for layer, values in _sampled(other, pictures, places).items():
                correlations[layer].add(reference[layer], values)
    return [{layer: sums.value for layer, sums in correlations.items()} for correlations in found]


@torch.inference_mode()
def _sampled(classifier: Classifier, pictures: Tensor, places: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """By layer the values (places, units) at `places`, shares of all pictures' places."""
    network = classifier.network
    assert isinstance(network, InceptionV1)
    taps = network.run(classifier.prepare(pictures), tuple(places), logits=False).taps
    sampled = {}
    for layer, values in taps.items():
        rows = values.permute(0, 2, 3, 1).flatten(0, 2)
        sampled[layer] = rows[(places[layer] * len(rows)).long().to(rows.device)]
    return sampled


def weight_correlations(start: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, float]:
    """By layer the correlation of its weights with those it started with; of a block the mean over its
    convolutions."""
    found = {}
    for layer in CHANNELS:
        names = [name for name in start if name.startswith(f"{layer}_") and name.endswith("weight")]
        values = []
        for name in names:
            correlation = Correlation()
            correlation.add(start[name], other[name])
            values.append(correlation.value)
        found[layer] = sum(values) / len(values)
    return found
