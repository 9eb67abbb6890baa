"""The picture, and the camera under mouse, touch and keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.driver import Dashboard, Server


def test_the_picture_arrives_and_is_not_one_colour(dashboard: Dashboard) -> None:
    colours = dashboard.page.evaluate(
        """() => {
          const canvas = document.getElementById("picture");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }"""
    )
    assert colours > 1000


def test_dragging_right_turns_the_object_right_and_lands_in_picture_and_address(dashboard: Dashboard) -> None:
    before, yaw, pitch = dashboard.picture(), dashboard.number("camera.yaw"), dashboard.number("camera.pitch")
    dashboard.drag(60, 30)
    dashboard.wait_for_other_picture(before)
    assert dashboard.number("camera.yaw") < yaw
    assert dashboard.number("camera.pitch") > pitch
    assert dashboard.number("camera.distance") == 2.6
    dashboard.wait_for_hash(r"camera\.yaw=.*camera\.pitch=")


@pytest.mark.parametrize(("button", "key"), [("middle", None), ("right", None), ("left", "Shift")])
def test_middle_right_and_shift_drag_pan(dashboard: Dashboard, button: str, key: str | None) -> None:
    yaw = dashboard.number("camera.yaw")
    if key:
        dashboard.page.keyboard.down(key)
    dashboard.drag(40, 20, button=button)
    if key:
        dashboard.page.keyboard.up(key)
    dashboard.settle()
    # The object follows the hand to the right and down, so the point looked at goes left and up.
    assert dashboard.number("camera.pan_x") < 0
    assert dashboard.number("camera.pan_y") > 0
    assert dashboard.number("camera.yaw") == yaw


def test_wheel_dollies_and_double_click_resets_to_the_same_pixels(dashboard: Dashboard) -> None:
    default = dashboard.picture()
    dashboard.page.mouse.move(*dashboard.scene_point())
    dashboard.page.mouse.wheel(0, 300)
    dashboard.wait_for_hash(r"camera\.distance=")
    assert dashboard.number("camera.distance") > 2.6
    dashboard.page.mouse.dblclick(*dashboard.scene_point())
    dashboard.wait_for_hash("^$")
    dashboard.wait_for_picture(default)


def test_keys_move_the_camera_only_while_the_scene_has_the_focus(dashboard: Dashboard) -> None:
    dashboard.page.keyboard.press("ArrowRight")
    assert dashboard.number("camera.yaw") == -30
    dashboard.page.focus("#scene")
    for keys, key, sign in (
        ("ArrowRight", "camera.yaw", -1),
        ("ArrowDown", "camera.pitch", 1),
        ("Control+Shift+ArrowRight", "camera.pan_x", -1),
        ("Control+Shift+ArrowUp", "camera.pan_y", -1),
        ("Alt+ArrowUp", "camera.distance", -1),
        ("Alt+ArrowDown", "camera.distance", 1),
    ):
        before = dashboard.number(key)
        dashboard.page.keyboard.press(keys)
        assert (dashboard.number(key) - before) * sign > 0, keys


def test_yaw_turns_past_the_end(dashboard: Dashboard) -> None:
    dashboard.control("camera.yaw", ".value").evaluate("node => node.closest('.group-body').hidden = false")
    dashboard.control("camera.yaw", ".value").fill("190")
    dashboard.page.keyboard.press("Enter")
    assert dashboard.number("camera.yaw") == -170
    dashboard.control("camera.yaw").focus()
    for _ in range(10):
        dashboard.page.keyboard.press("PageDown")
    assert -180 <= dashboard.number("camera.yaw") <= 180


def test_two_fingers_pinch(new_page: Callable[..., Page], server: Server) -> None:
    dashboard = Dashboard(
        new_page(server.url, has_touch=True, viewport={"width": 390, "height": 844}), server.url
    )
    dashboard.open()
    x, y = dashboard.scene_point()
    protocol = dashboard.page.context.new_cdp_session(dashboard.page)
    for kind, half in (("touchStart", 20), ("touchMove", 30), ("touchMove", 40)):
        points = [{"x": x - half, "y": y, "id": 0}, {"x": x + half, "y": y, "id": 1}]
        protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    # Fingers twice as far apart: half the distance.
    dashboard.wait_for_hash(r"camera\.distance=1\.3(&|$)")


def test_one_finger_rotates(new_page: Callable[..., Page], server: Server) -> None:
    dashboard = Dashboard(new_page(server.url, has_touch=True), server.url)
    dashboard.open()
    x, y = dashboard.scene_point()
    protocol = dashboard.page.context.new_cdp_session(dashboard.page)
    for kind, shift in (("touchStart", 0), ("touchMove", 20), ("touchMove", 60)):
        points = [{"x": x + shift, "y": y, "id": 0}]
        protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    protocol.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    dashboard.wait_for_hash(r"^#camera\.yaw=-59\.7$")
