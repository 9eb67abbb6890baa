"""Which units matter for a class: activation times gradient, aggregated over pictures as Summit does."""

from collections.abc import Sequence

import torch
from torch import Tensor

from perturber.nets.classifier import Classifier


def relevance(network: Classifier, pictures: Tensor, layer: str, classes: Sequence[int] | Tensor) -> Tensor:
    """How much each unit of `layer` adds to a class's logit: `(N, channels)`, summed over the map.

    pictures: (N, 3, H, W) in [0, 1]; classes: the class index of each picture. The contribution is the
    activation after the ReLU times the logit's gradient by it (the logit's first-order part; Simonyan et al.
    2014, Ancona et al. 2018).
    """
    with torch.enable_grad():
        answer = network.answer(pictures.detach().requires_grad_(), layer)
        assert answer.activations is not None and answer.logits is not None
        index = torch.as_tensor(classes, device=answer.logits.device)
        own = answer.logits.gather(1, index[:, None]).sum()
        (gradient,) = torch.autograd.grad(own, answer.activations)
    # The tap lies before the ReLU: its gradient is zero where the ReLU is.
    return (answer.activations.detach() * gradient).sum(dim=(2, 3))


def likeliest(network: Classifier, pictures: Tensor, classes: Sequence[int]) -> Tensor:
    """The one of `classes` with the highest logit, for each of `pictures` (N, 3, H, W): `(N,)`."""
    with torch.inference_mode():
        logits = network.answer(pictures).logits
    assert logits is not None
    among = torch.tensor(classes, device=logits.device)
    return among[logits[:, among].argmax(1)].clone()


def most_relevant(relevances: Tensor, count: int, per_picture: int = 5) -> list[tuple[int, float]]:
    """The units most often among a picture's `per_picture` most relevant, each with its share of pictures.

    relevances: (N, channels). Ties go to the higher mean share of a picture's positive relevance. Counting a
    fixed number of units for each picture is Summit's way to aggregate (Hohman et al. 2019).
    """
    top = relevances.topk(per_picture, dim=1).indices
    counts = torch.zeros_like(relevances).scatter_(1, top, 1.0).mean(0)
    positive = relevances.clamp(min=0)
    shares = (positive / positive.sum(1, keepdim=True).clamp(min=1e-12)).mean(0)
    order = sorted(range(len(counts)), key=lambda unit: (-float(counts[unit]), -float(shares[unit])))
    return [(unit, float(counts[unit])) for unit in order[:count] if counts[unit] > 0]
