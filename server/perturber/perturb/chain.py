"""The way of a rendered picture to the picture shown, in DESIGN's order."""

from torch import Tensor

from perturber.parameters import SceneState
from perturber.perturb.color import darken, saturate, turn_hue
from perturber.perturb.frequency import Band, decompose
from perturber.perturb.patches import shuffle_patches


def perturb(picture: Tensor, state: SceneState) -> Tensor:
    """`picture` (..., 3, H, W), RGB in [0, 1], after all effects of `state`, again in [0, 1].

    Differentiable; effects at their defaults cost nothing, and if all are it is the very same tensor.

    Raises:
        ValueError: `picture` isn't floating point, or of another shape.
    """
    return split_frequencies(post_process(picture, state), state)


def post_process(picture: Tensor, state: SceneState) -> Tensor:
    """`picture` after alpha, hue, saturation and patch shuffling. As `perturb`."""
    _check(picture)
    picture = darken(picture, state.number("post.alpha"))
    picture = turn_hue(picture, state.number("post.hue"))
    picture = saturate(picture, state.number("post.saturation"))
    return shuffle_patches(picture, int(state.number("post.patch_shuffle")))


def split_frequencies(picture: Tensor, state: SceneState) -> Tensor:
    """`picture` after the frequency decomposition. As `perturb`."""
    _check(picture)
    low, high = (
        Band(*(state.number(f"frequency.{band}_{effect}") for effect in ("alpha", "sigma", "hue")))
        for band in ("low", "high")
    )
    return decompose(picture, state.number("frequency.cutoff"), low, high)


def _check(picture: Tensor) -> None:
    shape = tuple(picture.shape)
    if len(shape) < 3 or shape[-3] != 3 or 0 in shape:
        raise ValueError(f"picture: expected shape (..., 3, H, W), got {shape}")
    if not picture.is_floating_point():
        raise ValueError(f"picture: expected floating-point values in [0, 1], got {picture.dtype}")
