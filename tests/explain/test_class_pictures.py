"""The shipped pictures of classes."""

import io

import pytest
from PIL import Image

from perturber.explain import class_pictures
from perturber.nets import catalog

SHIPPED = [entry for entry in catalog.entries() if class_pictures.exist(entry.variant)]


def test_the_standard_network_has_them() -> None:
    assert "standard" in {entry.variant for entry in SHIPPED}


@pytest.mark.parametrize("entry", SHIPPED, ids=[entry.variant for entry in SHIPPED])
def test_every_class_has_its_own_picture(entry: catalog.ModelEntry) -> None:
    pictures = [class_pictures.find(entry.variant, index) for index in range(entry.num_classes)]
    assert None not in pictures
    assert len(set(pictures)) == entry.num_classes
    with Image.open(io.BytesIO(pictures[-1] or b"")) as picture:
        assert picture.size == (96, 96)


@pytest.mark.parametrize(
    ("variant", "index"), [("standard", -1), ("standard", 200), ("../x", 0), ("none", 0)]
)
def test_what_is_not_shipped_is_none(variant: str, index: int) -> None:
    assert class_pictures.find(variant, index) is None
