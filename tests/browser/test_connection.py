"""The address, lost connections, refused values, other versions."""

import json
from collections.abc import Callable

from playwright.sync_api import Page, WebSocket, WebSocketRoute

from tests.browser.driver import Dashboard, Server


def test_the_address_brings_the_state_back(dashboard: Dashboard) -> None:
    dashboard.control("morph.overall").fill("0.7")
    dashboard.control("scene.background_blur", ".value").fill("0.25")
    dashboard.page.keyboard.press("Enter")
    dashboard.wait_for_hash(r"^#scene\.background_blur=0\.25&morph\.overall=0\.7$")
    dashboard.settle()
    picture = dashboard.picture()
    dashboard.page.reload()
    dashboard.settle()
    assert dashboard.number("morph.overall") == 0.7
    dashboard.wait_for_picture(picture)


def test_a_new_address_in_an_open_page_is_taken(dashboard: Dashboard) -> None:
    dashboard.control("post.alpha").fill("0.5")
    dashboard.wait_for_hash("post.alpha")
    dashboard.page.evaluate("location.hash = '#post.hue=0.25&view.layer=mixed3a'")
    dashboard.page.wait_for_function("document.getElementById('post.hue.value').value === '0.25'")
    assert dashboard.number("post.alpha") == 1
    assert dashboard.page.get_by_role("radio", name="mixed3a").is_checked()


def test_what_an_address_holds_that_does_not_fit_is_reported_and_left_out(
    new_page: Callable[..., Page], server: Server
) -> None:
    dashboard = Dashboard(new_page(server.url), server.url)
    dashboard.open("#camera.yaw=sideways&nonsense=1&morph.shape=0.5&view.layer=conv2d0&view.units=64&%E0=%E0")
    message = dashboard.page.locator(".message")
    for part in ("camera.yaw", "[-180, 180]", "sideways", "nonsense", "units below 64"):
        assert part in message.inner_text()
    assert dashboard.number("morph.shape") == 0.5
    dashboard.wait_for_hash(r"^#morph\.shape=0\.5&view\.layer=conv2d0$")
    message.get_by_role("button", name="Dismiss").click()
    assert message.count() == 0


def test_a_lost_connection_shows_and_comes_back_with_the_whole_state(
    new_page: Callable[..., Page], new_server: Callable[[], Server]
) -> None:
    server = new_server()
    dashboard = Dashboard(new_page(server.url), server.url)
    dashboard.open()
    default = dashboard.picture()
    dashboard.control("morph.overall").fill("1")
    dashboard.wait_for_other_picture(default)
    dashboard.settle()
    server.stop()
    dashboard.page.wait_for_selector("#banner:visible:has-text('Connection lost')")
    # Controls stay usable, and what is changed meanwhile arrives.
    last = dashboard.picture()
    dashboard.control("post.saturation").fill("0")
    server.start()
    dashboard.page.evaluate("document.getElementById('reconnect').click()")
    dashboard.page.wait_for_selector("#banner", state="hidden")
    dashboard.wait_for_other_picture(last)
    dashboard.settle()
    fresh = Dashboard(new_page(server.url), server.url)
    fresh.open("#morph.overall=1&post.saturation=0")
    assert fresh.picture() == dashboard.picture()


def test_a_killed_renderer_is_said_and_the_picture_goes_on(dashboard: Dashboard, server: Server) -> None:
    before = dashboard.picture()
    server.kill_children()
    dashboard.control("morph.overall").fill("0.5")
    dashboard.wait_for_other_picture(before)
    dashboard.page.get_by_text("The renderer was restarted").wait_for()
    assert dashboard.number("morph.overall") == 0.5


def test_a_refused_value_returns_to_the_last_accepted_one(
    new_page: Callable[..., Page], server: Server
) -> None:
    def spoil(route: WebSocketRoute) -> None:
        real = route.connect_to_server()

        def forward(message: str | bytes) -> None:
            real.send(str(message).replace('"post.alpha":0.5', '"post.alpha":5'))

        route.on_message(forward)

    page = new_page(server.url)
    page.route_web_socket("**/ws", spoil)
    dashboard = Dashboard(page, server.url)
    dashboard.open()
    dashboard.control("post.alpha").fill("0.7")
    dashboard.settle()
    dashboard.control("post.alpha").fill("0.5")
    message = page.locator(".message")
    message.wait_for()
    assert "Alpha was refused" in message.inner_text()
    assert "[0, 1]" in message.inner_text()
    assert dashboard.number("post.alpha") == 0.7
    dashboard.control("post.alpha").fill("0.6")
    dashboard.settle()
    assert dashboard.number("post.alpha") == 0.6


def test_another_version_is_told_to_reload(new_page: Callable[..., Page], server: Server) -> None:
    def age(route: WebSocketRoute) -> None:
        real = route.connect_to_server()

        def forward(message: str | bytes) -> None:
            fields = json.loads(str(message))
            real.send(json.dumps({**fields, "protocol": 999} if fields["type"] == "hello" else fields))

        route.on_message(forward)

    page = new_page(server.url)
    page.route_web_socket("**/ws", age)
    page.goto(server.url)
    page.get_by_role("button", name="Reload").wait_for()
    assert "older than the server" in page.locator("#banner").inner_text()


def test_an_uncaught_error_becomes_visible(dashboard: Dashboard) -> None:
    dashboard.page.evaluate("dispatchEvent(new ErrorEvent('error', { error: new Error('the lamp fell') }))")
    assert "the lamp fell" in dashboard.page.locator(".message").inner_text()


def test_the_page_grants_one_frame_for_each_that_it_has_drawn(
    new_page: Callable[..., Page], server: Server
) -> None:
    grants, frames = [], []
    page = new_page(server.url)

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: grants.append(payload) if '"ready"' in str(payload) else None)
        socket.on("framereceived", lambda payload: frames.append(1) if isinstance(payload, bytes) else None)

    page.on("websocket", listen)
    dashboard = Dashboard(page, server.url)
    dashboard.open()
    for _ in range(3):
        before = dashboard.picture()
        dashboard.drag(30, 10)
        dashboard.wait_for_other_picture(before)
        dashboard.settle()
    assert len(frames) >= 4
    assert len(grants) == len(frames) + 1
