"""Shapes and textures always disagree, and the score counts what is seen."""

import pytest
import torch
from torch import Tensor

from perturber.nets import catalog
from perturber.nets.classes import read_classes
from perturber.training.cue_conflict import GROUPS, CueConflict, cue_conflict, memberships, score
from perturber.training.data import Pictures
from perturber.training.workers import Workers

CPU = torch.device("cpu")


def test_every_synset_of_a_group_is_a_class_and_in_one_group_only() -> None:
    entry = catalog.find("standard")
    known = {item.wnid for item in read_classes(entry.classes, entry.num_classes) if item is not None}
    synsets = " ".join(GROUPS.values()).split()
    assert len(synsets) == len(set(synsets))
    assert set(synsets) <= known
    assert torch.equal(memberships(CPU).sum(1), torch.tensor([len(row.split()) for row in GROUPS.values()]))


def test_shape_and_texture_are_of_different_groups_and_pictures_without_a_group_are_left_out(
    pictures: Pictures,
) -> None:
    dogs, cats = (torch.nonzero(row)[:, 0] for row in memberships(CPU)[:2])
    nothing = int(torch.nonzero(~memberships(CPU).any(0))[0])
    labels = torch.cat([dogs[:5], cats[:5], torch.tensor([nothing] * 6)])
    conflict = cue_conflict(Pictures(pictures.images, labels), seed=0)
    assert conflict.shapes.tolist() == [0] * 5 + [1] * 5
    assert conflict.textures.tolist() == [1] * 5 + [0] * 5
    assert conflict.images.shape == (10, 3, 64, 64)
    again = cue_conflict(Pictures(pictures.images, labels), seed=0)
    assert torch.equal(conflict.images, again.images)


@pytest.mark.parametrize(
    ("seen", "shape", "texture", "bias"),
    [("dog", 0.75, 0.25, 0.75), ("cat", 0.25, 0.5, 1 / 3), ("bridge", 0, 0, 0)],
)
def test_the_score_of_who_always_sees_the_same_thing(
    seen: str, shape: float, texture: float, bias: float
) -> None:
    names = list(GROUPS)
    groups = {name: torch.nonzero(memberships(CPU)[names.index(name)])[:, 0] for name in names}

    def logits(pictures: Tensor) -> Tensor:
        sure = torch.zeros(len(pictures), 200)
        sure[:, groups[seen]] = 9
        return sure

    shapes = [names.index(name) for name in ("dog", "dog", "dog", "cat")]
    textures = [names.index(name) for name in ("cat", "cat", "bird", "dog")]
    images = torch.zeros(4, 3, 64, 64, dtype=torch.uint8)
    conflict = CueConflict(images, torch.tensor(shapes), torch.tensor(textures))
    result = score(logits, conflict, 64, Workers(CPU))
    assert tuple(result) == (shape, texture, pytest.approx(bias), 4)
