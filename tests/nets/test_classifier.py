"""What a classifier takes, what it refuses and what it lists."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from perturber.nets.classes import ClassName
from perturber.nets.classifier import Classifier, PictureError
from perturber.nets.inception import InceptionV1
from perturber.nets.zoo import Zoo

DUMMIES = (0, *range(1001, 1008))
CLASSES = [None if index in DUMMIES else ClassName(f"n{index}", f"class {index}") for index in range(1008)]


@pytest.fixture(scope="module")
def classifier(random_network: InceptionV1) -> Classifier:
    return Classifier(random_network, 64, CLASSES)


@pytest.fixture
def picture() -> Tensor:
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))


def test_pixels_become_what_the_published_graph_takes(classifier: Classifier, picture: Tensor) -> None:
    torch.testing.assert_close(classifier.prepare(picture), picture * 255 - 117)


@pytest.mark.parametrize("size", [(64, 64), (224, 224), (224, 100), (1, 1), (31, 200)])
def test_any_size_answers_and_resizing_is_pillows(classifier: Classifier, size: tuple[int, int]) -> None:
    smooth = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(4))
    got = (classifier.prepare(smooth) + 117) / 255
    channels = [
        Image.fromarray(channel.numpy()).resize((64, 64), Image.Resampling.BILINEAR) for channel in smooth[0]
    ]
    np.testing.assert_allclose(
        got[0].numpy(), np.stack([np.array(channel) for channel in channels]), atol=1e-5
    )
    assert classifier.answer(smooth, "mixed3a").logits is not None


@pytest.mark.parametrize(
    ("picture", "complaint"),
    [
        (torch.zeros(3, 8, 8), r"expected shape \(N, 3, H, W\), got \(3, 8, 8\)"),
        (torch.zeros(1, 1, 8, 8), r"got \(1, 1, 8, 8\)"),
        (torch.zeros(1, 8, 8, 3), r"got \(1, 8, 8, 3\)"),
        (torch.zeros(0, 3, 8, 8), r"got \(0, 3, 8, 8\)"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "expected floating-point values .*got torch.uint8"),
        (torch.full((1, 3, 8, 8), math.nan), "expected finite values"),
        (torch.full((1, 3, 8, 8), -math.inf), "expected finite values"),
    ],
)
def test_pictures_that_are_none_are_refused_in_words(
    classifier: Classifier, picture: Tensor, complaint: str
) -> None:
    with pytest.raises(PictureError, match=complaint):
        classifier.answer(picture)


def test_one_bad_pixel_among_good_ones_is_noticed(classifier: Classifier, picture: Tensor) -> None:
    for value in (math.nan, math.inf):
        bad = picture.clone()
        bad[0, 1, 20, 30] = value
        with pytest.raises(PictureError, match="expected finite values"):
            classifier.answer(bad)


def test_only_what_was_asked_for_is_answered(classifier: Classifier, picture: Tensor) -> None:
    assert classifier.answer(picture).activations is None
    answer = classifier.answer(picture, "mixed4a", logits=False)
    assert answer.logits is None
    assert answer.activations is not None
    assert answer.activations.shape == (1, 508, 4, 4)


@pytest.mark.parametrize("layer", [None, "mixed4a"])
def test_a_batch_answers_as_its_pictures_do_one_by_one(classifier: Classifier, layer: str | None) -> None:
    batch = torch.rand(3, 3, 80, 64)
    together = classifier.answer(batch, layer).logits
    one_by_one = [classifier.answer(picture[None], layer).logits for picture in batch]
    assert together is not None
    apart = torch.cat([logits for logits in one_by_one if logits is not None])
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-4 * float(apart.abs().max()))


def test_a_picture_that_requires_a_gradient_gets_a_true_one(classifier: Classifier, picture: Tensor) -> None:
    picture = picture.requires_grad_(True)
    answer = classifier.answer(picture, "mixed4a")
    assert answer.logits is not None
    (gradient,) = torch.autograd.grad(answer.logits[0, 5], picture)
    with torch.no_grad():
        step = 1e-3 * gradient / gradient.abs().max()
        above, below = (classifier.answer(picture + sign * step).logits for sign in (1, -1))
    assert above is not None
    assert below is not None
    torch.testing.assert_close((above - below)[0, 5] / 2, (gradient * step).sum(), rtol=0.02, atol=0)


def test_the_top_list_is_sorted_and_leaves_dummies_out(classifier: Classifier) -> None:
    logits = torch.linspace(-3, 3, 1008)
    top = classifier.top(logits, 4)
    assert [row["index"] for row in top] == [1000, 999, 998, 997]
    shares = np.exp(logits.double().numpy()) / np.exp(logits.double().numpy()).sum()
    for row in top:
        assert (row["wnid"], row["class"]) == (f"n{row['index']}", f"class {row['index']}")
        assert row["logit"] == pytest.approx(float(logits[row["index"]]))
        assert row["probability"] == pytest.approx(shares[row["index"]], rel=1e-5)


def test_the_top_list_is_no_longer_than_the_class_list(classifier: Classifier) -> None:
    assert len(classifier.top(torch.zeros(1008), 5000)) == 1000


def test_the_bundled_network_is_as_accurate_as_its_card_says() -> None:
    """Card: 47.9% top-1 and 75.2% top-5 of 10,000 pictures; the first thousand lie within 3 sigma."""
    data = os.environ.get("PERTURBER_DATA")
    if data is None:
        pytest.skip("set PERTURBER_DATA to a folder of Tiny ImageNet's validation sheets (val-000.jpg, ...)")
    sheet = np.asarray(Image.open(Path(data, "val-000.jpg")).convert("RGB"))
    tiles = sheet.reshape(32, 64, 32, 64, 3).swapaxes(1, 2).reshape(-1, 64, 64, 3)[:1000]
    labels = torch.from_numpy(np.load(Path(data, "val-labels.npy"))[:1000].astype("int64"))
    pictures = torch.from_numpy(tiles.copy()).permute(0, 3, 1, 2).float() / 255
    classifier = Zoo().load("standard")
    answers = [classifier.answer(batch).logits for batch in pictures.split(50)]
    ranked = torch.cat([logits for logits in answers if logits is not None]).topk(5).indices
    right = ranked == labels[:, None]
    assert float(right[:, 0].float().mean()) == pytest.approx(0.479, abs=0.048)
    assert float(right.any(1).float().mean()) == pytest.approx(0.752, abs=0.041)
