"""Texture against shape: pictures with the shape of one thing and the texture of another, and what is seen.

After Geirhos et al. (2019): the classes are joined into a few groups that have both a typical shape and a
typical texture, and a network says which group it sees. Of the answers that name one of the two, the share
that names the shape is its shape bias.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from perturber.nets import catalog
from perturber.nets.classes import read_classes
from perturber.training.attack import Logits
from perturber.training.augment import enlarge
from perturber.training.data import Pictures
from perturber.training.evaluate import over_shards
from perturber.training.stylization import stylize
from perturber.training.workers import Workers

GROUPS: Mapping[str, str] = {
    "dog": "n02106662 n02099712 n02099601 n02085620 n02113799 n02094433",
    "cat": "n02124075 n02123045 n02123394 n02125311 n02129165",
    "bird": "n02058221 n02056570 n01855672 n02002724",
    "insect": "n02279972 n02281406 n02233338 n02236044 n02165456 n02206856 n02268443 n02190166 n02226429",
    "hoofed animal": "n02437312 n02423022 n02403003 n02415577 n02410509 n02395406",
    "primate": "n02486410 n02481823 n02480495",
    "reptile or amphibian": "n01641577 n01644900 n01629819 n01698640 n01742172",
    "car": "n04146614 n03796401 n03977966 n03670208 n04285008 n02814533 n03100240 n04487081",
    "bottle": "n03983396 n02823428 n03937543 n04560804 n02815834",
    "clothes": "n02963159 n03404251 n02669723 n03770439 n04532106 n02730930 n03763968 n03617480 n03980874",
    "fruit or vegetable": "n07749582 n07753592 n07747607 n07768694 n07720875 n07715103 n07734744",
    "building": "n04486054 n02793495 n02814860 n03042490 n04562935 n03837869",
    "bridge": "n04366367 n04311004 n04532670",
    "furniture": "n04099969 n03201208 n03179701 n03014705",
    "landscape": "n09246464 n09428293 n09332890 n09193705",
}
"""Coarse groups of Tiny ImageNet's classes: what each is called, and its synsets."""


@dataclass(frozen=True)
class CueConflict:
    """`images` (N, 3, 64, 64) uint8; the groups that their shape and their texture come from, (N,) int64
    places in `GROUPS`, always different."""

    images: Tensor
    shapes: Tensor
    textures: Tensor


class CueScore(NamedTuple):
    """How often a network names the shape's group and the texture's group, of `pictures` pictures, and the
    share of shapes among both."""

    shape: float
    texture: float
    shape_bias: float
    pictures: int


def cue_conflict(pictures: Pictures, seed: int) -> CueConflict:
    """Every one of `pictures` that belongs to a group in the texture of one of another group.

    The same for the same seed; `pictures` must have pictures of two groups.
    """
    membership = memberships(pictures.labels.device)
    belongs = membership.any(0)[pictures.labels]
    images, labels = pictures.images[belongs], pictures.labels[belongs]
    groups = membership.int().argmax(0)[labels]
    others = _of_another_group(groups.cpu(), seed).to(groups.device)
    return CueConflict(stylize(images, images[others]), groups, groups[others])


def score(logits: Logits, conflict: CueConflict, size: int, workers: Workers) -> CueScore:
    """What a network sees in `conflict`, enlarged to `size`."""
    sights = over_shards(
        partial(_sights, logits, size), (conflict.images, conflict.shapes, conflict.textures), workers
    )
    shape, texture = (sights / len(conflict.shapes)).tolist()
    return CueScore(shape, texture, shape / max(shape + texture, 1e-9), len(conflict.shapes))


def memberships(device: torch.device) -> Tensor:
    """Which class (of the standard network's family, columns) belongs to which group (rows): bool."""
    entry = catalog.find("standard")
    classes = read_classes(entry.classes, entry.num_classes)
    wnids = [known.wnid if known is not None else "" for known in classes]
    rows = [[wnid in synsets.split() for wnid in wnids] for synsets in GROUPS.values()]
    return torch.tensor(rows, device=device)


def _of_another_group(groups: Tensor, seed: int) -> Tensor:
    """For every picture the number of a random one whose group is another."""
    generator = torch.Generator().manual_seed(seed)
    lots = torch.rand(len(groups), len(groups), generator=generator)
    return (lots * (groups[:, None] != groups)).argmax(1)


def _sights(logits: Logits, size: int, images: Tensor, shapes: Tensor, textures: Tensor) -> Tensor:
    """How many are seen as their shape, and as their texture: a group's probability is its classes' mean."""
    weights = memberships(images.device).float()
    weights /= weights.sum(1, keepdim=True)
    with torch.inference_mode():
        seen = (logits(enlarge(images, size)).softmax(1) @ weights.T).argmax(1)
    return torch.stack([(seen == shapes).sum(), (seen == textures).sum()])
