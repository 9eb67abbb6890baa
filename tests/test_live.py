"""The websocket from outside: a third party that knows only docs/protocol.md."""

import json
import random
import time
from collections.abc import Iterator

import httpx
import numpy as np
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from perturber.client import Client, ServerError
from perturber.protocol import MAX_MESSAGE_BYTES
from tests.conftest import RunningServer
from tools.soak import random_patch


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with server.client() as client:
        yield client


def test_the_welcome_describes_the_whole_dashboard(client: Client) -> None:
    welcome = client.welcome
    assert {row["key"] for row in welcome["parameters"]} >= {"camera.yaw", "post.hue", "model2.variant"}
    assert welcome["layers"][0] == {"name": "conv2d0", "channels": 64}
    assert welcome["models"][0]["variant"] == "standard"
    assert welcome["objects"][0]["morph"] == "Catness"
    assert welcome["picture_size"] == 224


def test_a_frame_holds_picture_maps_and_predictions_of_one_revision(client: Client) -> None:
    revision = client.patch({"camera.yaw": 20, "view.layer": "mixed3a", "view.units": "5,17,255"})
    frame = client.frame()
    assert frame.revision == revision
    assert frame.picture.shape == (224, 224, 3)
    for slot in ("model1", "model2"):
        assert frame.activations(slot).shape == (3, 16, 16)
        rows = frame.header["models"][slot]["top"]
        assert len(rows) == 5
        assert [row["logit"] for row in rows] == sorted((row["logit"] for row in rows), reverse=True)
        assert 0 < sum(row["probability"] for row in rows) <= 1 + 1e-6
    assert set(frame.header["timing_ms"]) >= {"render", "post", "model1", "total"}


def test_what_is_not_shown_is_not_sent(client: Client) -> None:
    client.patch({"view.activations": False, "model2.enabled": False})
    frame = client.frame()
    assert set(frame.buffers) == {"picture"}
    assert set(frame.header["models"]) == {"model1"}
    client.patch({"view.activations": True, "view.predictions": False})
    frame = client.frame()
    assert set(frame.buffers) == {"picture", "model1.activations"}
    assert "top" not in frame.header["models"]["model1"]


def test_the_newest_state_wins(client: Client) -> None:
    for yaw in range(50):
        last = client.patch({"camera.yaw": yaw})
    frame = client.frame()
    assert frame.revision == last


def test_an_unchanged_state_sends_no_second_frame(server: RunningServer) -> None:
    with Client(server.websocket, timeout=1.5) as client:
        client.frame()
        with pytest.raises(TimeoutError):
            client.frame()
        client.patch({"post.hue": 0.2})
        assert client.frame().revision == 1, "the open grant gets the change"


def test_two_sessions_keep_their_own_state(server: RunningServer, client: Client) -> None:
    with server.client() as other:
        client.patch({"post.alpha": 0})
        other.patch({"camera.yaw": 90})
        assert client.frame().picture.max() == 0
        assert other.frame().picture.max() > 0


BAD_MESSAGES = [
    ("{", "malformed"),
    ('{"type": "dance"}', "malformed"),
    ('{"type": "patch", "revision": "one", "values": {}}', "malformed"),
    ('{"type": "patch", "revision": 2, "values": {"post.hue": 7}}', "parameter"),
    ('{"type": "patch", "revision": 2, "values": {"no.such": 7}}', "parameter"),
    ('{"type": "patch", "revision": 1, "values": {}}', "order"),
    ('{"type": "hello", "protocol": 1}', "order"),
    (b"\x00\x01binary", "malformed"),
    ("x" * (MAX_MESSAGE_BYTES + 1), "too_large"),
    ("x" * (16 * MAX_MESSAGE_BYTES), "too_large"),
]


@pytest.mark.parametrize(("message", "code"), BAD_MESSAGES, ids=[str(row[0])[:40] for row in BAD_MESSAGES])
def test_a_bad_message_is_told_and_the_session_lives(client: Client, message: str | bytes, code: str) -> None:
    client.patch({"post.hue": 0.1})
    before = client.frame()
    client.send(message)
    error = client.error()
    assert error["code"] == code
    assert error["expected"]
    assert error["received"]
    client.patch({"camera.yaw": 33})
    after = client.frame()
    assert after.revision == 2
    assert (after.picture != before.picture).any()


def test_a_state_that_has_no_network_is_told_and_the_next_one_drawn(client: Client) -> None:
    client.patch({"model1.checkpoint": 77})
    with pytest.raises(ServerError, match=r"checkpoint of standard: expected 0 \(final\)") as caught:
        client.frame()
    assert caught.value.body["code"] == "model"
    assert caught.value.body["revision"] == 1
    client.patch({"model1.checkpoint": 0})
    assert client.frame().revision == 2


def test_a_second_grant_before_the_frame_is_out_of_order(client: Client) -> None:
    client.frame()
    client.send({"type": "ready"})
    client.send({"type": "ready"})
    assert client.error()["code"] == "order"


def test_nothing_comes_before_hello(server: RunningServer) -> None:
    with connect(server.websocket) as socket:
        socket.send('{"type": "ready"}')
        assert json.loads(socket.recv(5))["code"] == "order"
        socket.send('{"type": "hello", "protocol": 1}')
        assert json.loads(socket.recv(5))["type"] == "welcome"


def test_an_old_page_is_told_to_reload(server: RunningServer) -> None:
    with connect(server.websocket) as socket:
        socket.send('{"type": "hello", "protocol": 999}')
        error = json.loads(socket.recv(5))
        assert error["code"] == "version"
        assert "reload" in error["message"]
        with pytest.raises(ConnectionClosed) as caught:
            socket.recv(5)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 4400


def test_a_foreign_page_gets_no_websocket(server: RunningServer) -> None:
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{server.port + 1}"):
        with pytest.raises(InvalidStatus), connect(server.websocket, origin=origin):
            pass
    with connect(server.websocket, origin=server.url):
        pass


def test_a_foreign_host_name_is_refused(server: RunningServer) -> None:
    assert httpx.get(server.url).status_code == 200
    assert httpx.get(server.url, headers={"Host": "evil.example"}).status_code == 400


def test_files_outside_the_page_are_not_served(server: RunningServer) -> None:
    for path in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fpyproject.toml"):
        assert httpx.get(server.url + path).status_code == 404


def test_a_killed_renderer_costs_no_state(server: RunningServer, client: Client) -> None:
    client.patch({"camera.yaw": -50, "post.hue": 0.3})
    before = client.frame().picture
    for child in psutil.Process(server.process.pid).children(recursive=True):
        if any("scene" in part for part in child.cmdline()):
            child.kill()
    client.patch({"camera.yaw": -49})
    client.frame()
    client.patch({"camera.yaw": -50})
    np.testing.assert_array_equal(client.frame().picture, before)
    assert any(notice["code"] == "worker_restarted" for notice in client.notices)


def test_a_client_that_stops_reading_slows_no_other(server: RunningServer, client: Client) -> None:
    def seconds_for(frames: int) -> float:
        start = time.monotonic()
        for index in range(frames):
            client.patch({"camera.yaw": index})
            client.frame()
        return time.monotonic() - start

    alone = seconds_for(20)
    with connect(server.websocket, max_queue=1) as stuck:
        stuck.send('{"type": "hello", "protocol": 1}')
        for revision in range(1, 200):
            stuck.send(
                json.dumps({"type": "patch", "revision": revision, "values": {"camera.yaw": revision % 90}})
            )
            stuck.send('{"type": "ready"}')
        time.sleep(0.5)
        beside = seconds_for(20)
    assert beside < 3 * alone + 1


def test_random_states_make_frames_without_an_error(client: Client) -> None:
    generator = random.Random(11)
    for _ in range(60):
        revision = client.patch(random_patch(generator))
        frame = client.frame()
        assert frame.revision == revision
        assert all(np.isfinite(array).all() for array in frame.buffers.values())
