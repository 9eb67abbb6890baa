"""Frames: what changes them, what doesn't, and what is not computed twice."""

from typing import Any

import numpy as np
import pytest
import torch

from perturber.frame import Frame, Pixels
from perturber.memo import Memo
from perturber.nets.classifier import Answer
from perturber.parameters import TABLE, SceneState
from perturber.scene.view import SceneView
from perturber.studio import Studio

OTHER_VALUES: dict[str, object] = {
    "camera.yaw": 40.0,
    "camera.pitch": 30.0,
    "camera.roll": 20.0,
    "camera.distance": 4.0,
    "camera.pan_x": 0.3,
    "camera.pan_y": -0.2,
    "scene.background": "street",
    "scene.background_rotation": 75.0,
    "scene.background_blur": 0.6,
    "scene.background_saturation": 0.2,
    "scene.texture_influence": 0.3,
    "scene.texture_blur": 0.7,
    "scene.lighting_influence": 0.2,
    "morph.overall": 0.7,
    "morph.shape": 0.7,
    "morph.texture": 0.7,
    "scene.featvis": "conv2d0:3",
    "post.alpha": 0.5,
    "post.hue": 0.2,
    "post.saturation": 0.3,
    "post.custom_value": 0.9,
    "post.custom": "color = color.brg;",
    "post.patch_shuffle": 3,
    "frequency.low_alpha": 0.4,
    "frequency.high_alpha": 0.2,
    "frequency.low_sigma": 6.0,
    "frequency.high_sigma": 3.0,
    "frequency.low_hue": 0.2,
    "frequency.high_hue": 0.3,
}
"""A value that shows, for every parameter that changes the picture by itself."""

NOT_ALONE = {"scene.object", "scene.source", "frequency.cutoff"} | {
    key for key, row in TABLE.items() if row.group == "Own Files"
}
"""Change the picture only together with others, or have one value only; tested by themselves."""


def make(studio: Studio, patch: dict[str, object], memo: Memo | None = None) -> Frame:
    return studio.make(SceneState.default().changed(patch), 1, memo or Memo())


@pytest.fixture(scope="module")
def default(studio: Studio) -> Frame:
    return make(studio, {})


def test_every_picture_parameter_has_a_value_here() -> None:
    pictured = {key for key, row in TABLE.items() if row.stage in ("scene", "effect", "post", "frequency")}
    assert set(OTHER_VALUES) | NOT_ALONE == pictured


@pytest.mark.parametrize("key", OTHER_VALUES)
def test_the_picture_changes_with_the_parameter_and_back(studio: Studio, default: Frame, key: str) -> None:
    changed = make(studio, {key: OTHER_VALUES[key]})
    difference = np.abs(changed.picture.astype(int) - default.picture)
    assert difference.mean() > 0.2
    np.testing.assert_array_equal(make(studio, {}).picture, default.picture)


def test_the_cutoff_shows_once_a_band_is_changed(studio: Studio, default: Frame) -> None:
    np.testing.assert_array_equal(make(studio, {"frequency.cutoff": 9.0}).picture, default.picture)
    low = {"frequency.high_alpha": 0.0}
    assert (make(studio, low | {"frequency.cutoff": 9.0}).picture != make(studio, low).picture).any()


@pytest.mark.parametrize("key", [key for key, row in TABLE.items() if row.stage in ("model", "view")])
def test_the_picture_does_not_change_with_views_and_models(studio: Studio, default: Frame, key: str) -> None:
    row = TABLE[key]
    value: object = row.default
    if row.kind == "flag":
        value = not row.default
    elif row.kind == "choice":
        value = list(row.choices)[-1]
    elif key == "view.units":
        value = "7"
    patch = {key: value} | ({"view.units": "0"} if key == "view.layer" else {})
    np.testing.assert_array_equal(make(studio, patch).picture, default.picture)


def test_only_changed_stages_run_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    network = studio.zoo.load("standard")
    render, answer = studio.worker.render, network.answer

    def counted_render(view: SceneView) -> Pixels:
        calls.append("render")
        return render(view)

    def counted_answer(*arguments: Any, **options: Any) -> Answer:
        calls.append("network")
        return answer(*arguments, **options)

    monkeypatch.setattr(studio.worker, "render", counted_render)
    monkeypatch.setattr(network, "answer", counted_answer)
    one = {"model2.enabled": False}
    memo = Memo()
    for patch, expected in [
        ({}, ["render", "network"]),
        ({"post.hue": 0.1}, ["network"]),
        ({"post.hue": 0.1, "view.layer": "conv2d1"}, ["network"]),
        ({"post.hue": 0.1, "view.layer": "conv2d1", "view.units": "9,11"}, []),
        ({"post.hue": 0.1, "view.layer": "conv2d1", "view.units": "9,11", "view.normalization": 2}, []),
        ({"camera.yaw": 3.0}, ["render", "network"]),
    ]:
        calls.clear()
        make(studio, one | patch, memo)
        assert calls == expected, patch


def test_the_divisor_is_four_deviations_or_a_power_of_ten(studio: Studio) -> None:
    frame = make(studio, {"view.layer": "conv2d2", "view.units": "0"})
    answer = frame.models["model1"]
    network = studio.zoo.load("standard")
    picture = np.ascontiguousarray(frame.picture.transpose(2, 0, 1)[None], dtype=np.float32) / 255
    with torch.inference_mode():
        layer = network.answer(torch.from_numpy(picture), "conv2d2", logits=False).activations
    assert layer is not None
    assert answer.divisor == pytest.approx(4 * float(np.std(layer.numpy())), rel=1e-4)
    np.testing.assert_allclose(answer.activations, layer[0, :1].numpy(), rtol=1e-4, atol=1e-3)
    fixed = make(studio, {"view.normalization": 2.5}).models["model1"]
    assert fixed.divisor == pytest.approx(10**2.5)


def test_the_default_view_is_recognised(studio: Studio, default: Frame) -> None:
    dogs = {"n02106662", "n02099712", "n02099601", "n02094433", "n02085620", "n02113799"}
    cats = {"n02124075", "n02123045", "n02123394"}
    top = default.models["model1"].top
    assert top is not None
    assert dogs & {row["wnid"] for row in top}
    top = make(studio, {"morph.overall": 1.0}).models["model1"].top
    assert top is not None
    assert cats & {row["wnid"] for row in top}
