"""What each parameter does to the picture, against closed forms."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from perturber.scene.camera import Camera, projection_matrix
from perturber.scene.errors import RenderError
from perturber.scene.renderer import Renderer
from perturber.scene.view import SceneView

from .synthetic import GREYS, PLATE_END, PLATE_START, SIZE, decode, encode

BALL = SceneView(object="ball", background="noise", yaw=20, pitch=10, shape=0.3, texture=0.3)
UNLIT = SceneView(object="plate", background="black", lighting_influence=0.0, distance=3.0)

PIXEL = 2 / SIZE

CHANGES = [
    {"yaw": 21.0}, {"pitch": 11.0}, {"roll": 1.0}, {"distance": 2.7}, {"pan_x": 0.05}, {"pan_y": 0.05},
    {"object": "plate"}, {"background": "compass"}, {"background_rotation": 2.0}, {"background_blur": 0.05},
    {"background_saturation": 0.9}, {"texture_influence": 0.9}, {"texture_blur": 0.05},
    {"lighting_influence": 0.9}, {"shape": 0.35}, {"texture": 0.35},
]  # fmt: skip


def share_changed(before: np.ndarray, after: np.ndarray) -> float:
    return float((before != after).any(axis=-1).mean())


def foreground(renderer: Renderer, view: SceneView) -> np.ndarray:
    """How much of each pixel the object covers (size, size): it is rendered in white on black."""
    picture = renderer.render(
        replace(view, background="black", lighting_influence=0.0, texture_influence=0.0)
    )
    return decode(picture[..., 0].astype(float))


def centroid(coverage: np.ndarray) -> np.ndarray:
    """Centre of the covered area: x to the right, y upwards, each in [-1, 1]."""
    places = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    total = coverage.sum()
    return np.array([(coverage.sum(0) * places).sum() / total, -(coverage.sum(1) * places).sum() / total])


def test_a_picture_is_square_rgb_and_the_same_every_time(renderer: Renderer) -> None:
    first = renderer.render(BALL)
    renderer.render(UNLIT)
    assert first.shape == (SIZE, SIZE, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, renderer.render(BALL))


def test_two_renderers_in_one_process_leave_each_other_alone(renderer: Renderer, assets: Path) -> None:
    before = renderer.render(BALL)
    with Renderer(SIZE, assets) as other:
        np.testing.assert_array_equal(other.render(BALL), before)
        np.testing.assert_array_equal(renderer.render(BALL), before)
    np.testing.assert_array_equal(renderer.render(BALL), before)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_parameter_of_the_view_changes_the_picture(renderer: Renderer, change: dict) -> None:
    assert share_changed(renderer.render(BALL), renderer.render(replace(BALL, **change))) > 0.01


def test_there_is_a_case_above_for_every_field_of_the_view() -> None:
    assert [next(iter(change)) for change in CHANGES] == list(SceneView.__dataclass_fields__)


@pytest.mark.parametrize(
    "field", ["background_rotation", "background_blur", "background_saturation", "background"]
)
def test_what_concerns_the_background_leaves_the_object_alone(renderer: Renderer, field: str) -> None:
    inside = foreground(renderer, BALL) == 1.0
    change = next(change for change in CHANGES if field in change)
    after = renderer.render(replace(BALL, **change))
    np.testing.assert_array_equal(renderer.render(BALL)[inside], after[inside])


@pytest.mark.parametrize("field", ["texture_influence", "texture_blur", "texture"])
def test_what_concerns_the_texture_leaves_the_background_alone(renderer: Renderer, field: str) -> None:
    outside = foreground(renderer, BALL) == 0.0
    change = next(change for change in CHANGES if field in change)
    after = renderer.render(replace(BALL, **change))
    np.testing.assert_array_equal(renderer.render(BALL)[outside], after[outside])


def test_unlit_pixels_have_exactly_the_colour_of_the_texture(assets: Path) -> None:
    """Every grey level goes through decoding, shading, averaging and encoding, and comes back."""
    with Renderer(512, assets) as large:
        picture = large.render(replace(UNLIT, object="chart", distance=2.95)).astype(int)
    edge = 512 / (2 * 2.95 * np.tan(np.radians(19)))
    centres = ((np.arange(16) + 0.5) / 8 - 1) * edge + 256
    sampled = picture[centres.astype(int)[:, None], centres.astype(int)]
    np.testing.assert_allclose(sampled, GREYS[8::16, 8::16, None].repeat(3, -1), atol=1)


@pytest.mark.parametrize("texture", [0.0, 0.25, 0.5, 1.0])
def test_textures_mix_in_linear_light(renderer: Renderer, texture: float) -> None:
    start, end = decode(np.array([180, 90, 30])), decode(np.array([40, 120, 220]))
    covered = foreground(renderer, UNLIT) == 1.0
    picture = renderer.render(replace(UNLIT, texture=texture))[covered]
    np.testing.assert_allclose(
        picture, np.broadcast_to(encode((1 - texture) * start + texture * end), picture.shape), atol=1
    )


def test_without_texture_and_light_the_object_is_white(renderer: Renderer) -> None:
    view = replace(BALL, background="black", texture_influence=0.0, lighting_influence=0.0)
    assert (renderer.render(view)[SIZE // 2, SIZE // 2] == 255).all()


@pytest.mark.parametrize("texture", [0.0, 0.4, 1.0])
def test_full_texture_blur_leaves_one_colour(renderer: Renderer, texture: float) -> None:
    covered = foreground(renderer, BALL) == 1.0
    view = replace(BALL, texture_blur=1.0, lighting_influence=0.0, texture=texture)
    inside = renderer.render(view)[covered]
    assert (np.ptp(inside, axis=0) <= 1).all()


def test_texture_blur_ends_at_the_mean_of_the_texture(renderer: Renderer) -> None:
    covered = foreground(renderer, BALL) == 1.0
    view = replace(BALL, texture_blur=1.0, lighting_influence=0.0, texture=0.0)
    mean = encode((decode(np.array([200, 40, 30])) + decode(np.array([30, 160, 60]))) / 2)
    np.testing.assert_allclose(renderer.render(view)[covered].mean(0), mean, atol=2)


@pytest.mark.parametrize("shape", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_vertices_move_in_straight_lines(renderer: Renderer, shape: float) -> None:
    middle = (1 - shape) * PLATE_START.mean(0) + shape * PLATE_END.mean(0)
    clip = projection_matrix() @ Camera.orbit(UNLIT, np.zeros(3)).view_matrix() @ np.array([*middle, 1.0])
    coverage = foreground(renderer, replace(UNLIT, shape=shape))
    np.testing.assert_allclose(centroid(coverage), clip[:2] / clip[3], atol=0.25 * PIXEL)
    width, height = np.ptp((1 - shape) * PLATE_START + shape * PLATE_END, axis=0)[:2]
    scale = SIZE / (2 * clip[3] * np.tan(np.radians(19)))
    assert coverage.sum() == pytest.approx(width * height * scale**2, rel=0.04)


def test_the_object_is_lit_without_burnt_out_whites(renderer: Renderer) -> None:
    for yaw in range(-180, 180, 45):
        white = replace(BALL, yaw=yaw, texture_influence=0.0)
        covered = foreground(renderer, white) == 1.0
        lit = renderer.render(white)[covered]
        assert (lit == 255).all(axis=-1).mean() < 0.002
        assert 130 < lit.mean() < 225
        assert np.ptp(lit.mean(-1)) > 90, "shading must show the form"


def test_the_object_stands_on_a_shadow_that_fades_with_the_light(renderer: Renderer) -> None:
    above = SceneView(object="ball", background="compass", pitch=35, distance=4)
    lit, unlit = (renderer.render(replace(above, lighting_influence=share)) for share in (1.0, 0.0))
    outside = foreground(renderer, above) == 0.0
    darker = (unlit.astype(int) - lit)[outside].max(-1)
    assert darker.min() >= 0
    assert darker.max() > 20
    assert (darker > 5).mean() < 0.3


def test_the_shadow_falls_away_from_the_key_light(renderer: Renderer) -> None:
    """Seen from above at yaw 0, the key stands to the left and below, so the shadow lies right and above."""
    above = SceneView(object="ball", background="compass", pitch=89.0, distance=8.0)
    lit, unlit = (renderer.render(replace(above, lighting_influence=share)) for share in (1.0, 0.0))
    darkening = decode(unlit.astype(float)).mean(-1) - decode(lit.astype(float)).mean(-1)
    darkening[foreground(renderer, above) > 0.0] = 0.0
    right, up = centroid(darkening)
    assert right > 2 * PIXEL
    assert up > 2 * PIXEL


@pytest.mark.parametrize(
    "corner",
    [
        {"pitch": -90.0}, {"pitch": 90.0}, {"pitch": -30.0, "distance": 1.0},
        {"distance": 10.0, "roll": 180.0}, {"distance": 1.0, "pan_x": 2.0, "pan_y": -2.0},
        {"pitch": -89.9, "background_blur": 1.0},
    ],
    ids=str,
)  # fmt: skip
def test_odd_places_of_the_camera_give_a_picture(renderer: Renderer, corner: dict) -> None:
    assert renderer.render(replace(BALL, **corner)).std() > 1


def test_an_unknown_object_is_refused_by_name_and_the_renderer_goes_on(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="object: expected one of ball, chart, plate, speck, got 'unicorn'"):
        renderer.render(replace(BALL, object="unicorn"))
    with pytest.raises(RenderError, match="background: expected one of compass, noise, black, got 'moon'"):
        renderer.render(replace(BALL, background="moon"))
    assert renderer.render(BALL).any()
