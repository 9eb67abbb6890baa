"""Pictures to judge by: mosaics, folders by class, and what is neither."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from perturber.evaluation.pictures import read_validation
from perturber.nets import catalog
from perturber.nets.classes import ClassName, read_classes
from perturber.training.data import DataError, read_pictures

CLASSES = (
    ClassName("n01", "tabby, tabby cat"),
    ClassName("n02", "beach wagon, station wagon, wagon"),
    ClassName("n03", "wagon"),
    None,
)


def save(path: Path, brightness: int, size: tuple[int, int] = (90, 60)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (brightness,) * 3).save(path)


@pytest.mark.parametrize(
    ("name", "label"),
    [("n01", 0), ("tabby", 0), ("Tabby_Cat", 0), ("station wagon", 1), ("n03", 2)],
)
def test_a_subfolder_is_called_by_wnid_or_name(tmp_path: Path, name: str, label: int) -> None:
    save(tmp_path / name / "deep" / "a.png", 100)
    pictures = read_validation(tmp_path, CLASSES)
    assert pictures.labels.tolist() == [label]
    assert pictures.images.shape == (1, 3, 64, 64)
    assert pictures.images.unique().tolist() == [100]


def test_the_central_square_counts(tmp_path: Path) -> None:
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:, 20:80] = 200
    (tmp_path / "n01").mkdir()
    Image.fromarray(pixels).save(tmp_path / "n01" / "a.png")
    assert int(read_validation(tmp_path, CLASSES).images.min()) > 190


def test_the_first_pictures_are_of_many_classes_and_the_order_repeats(tmp_path: Path) -> None:
    for number in range(20):
        for label in ("n01", "n02", "n03"):
            save(tmp_path / label / f"{number}.png", 10 * number)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "n01" / "notes.txt").write_text("no picture")
    pictures = read_validation(tmp_path, CLASSES)
    assert len(pictures) == 60
    assert set(pictures.labels[:20].tolist()) == {0, 1, 2}
    assert torch.equal(pictures.images, read_validation(tmp_path, CLASSES).images)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("dog", "expected a class's wnid or name, got 'dog', which is none"),
        ("wagon", "got 'wagon', which is 2 of that name; call it by its wnid"),
    ],
)
def test_a_subfolder_of_no_class_is_refused(tmp_path: Path, name: str, complaint: str) -> None:
    save(tmp_path / name / "a.png", 100)
    with pytest.raises(DataError, match=complaint):
        read_validation(tmp_path, CLASSES)


def test_what_holds_no_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mosaics, or a subfolder of pictures for each class"):
        read_validation(tmp_path, CLASSES)
    with pytest.raises(DataError, match="expected a folder"):
        read_validation(tmp_path / "nowhere", CLASSES)
    (tmp_path / "n01").mkdir()
    (tmp_path / "n01" / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"expected a picture, got .*a\.jpg"):
        read_validation(tmp_path, CLASSES)


def test_mosaics_are_read_as_the_training_reads_them(mosaics: Path) -> None:
    entry = catalog.find("standard")
    pictures = read_validation(mosaics, read_classes(entry.classes, entry.num_classes))
    assert torch.equal(pictures.images, read_pictures(mosaics, "val").images)
