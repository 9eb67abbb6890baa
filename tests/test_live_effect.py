"""Custom effects over the wire: they fail by line and column, and never at another session's cost."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from perturber.client import Client, ServerError
from perturber.memo import Memo
from perturber.parameters import SceneState
from perturber.scene.effect.effect import Effect
from perturber.studio import Studio
from tests.conftest import RunningServer
from tests.scene.effect.hostile import HEAVY

NO_NETWORKS = {"model1.enabled": False, "model2.enabled": False}


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with server.client() as client:
        client.patch(NO_NETWORKS)
        client.frame()
        yield client


def refusal(client: Client, text: str) -> dict:
    client.patch({"post.custom": text})
    with pytest.raises(ServerError) as caught:
        client.frame()
    return caught.value.body


def test_an_effect_changes_the_picture_before_all_other_effects(client: Client) -> None:
    client.patch({"post.custom": "color = vec3(value, 0.0, 0.0);", "post.custom_value": 1, "post.alpha": 0.5})
    frame = client.frame()
    np.testing.assert_array_equal(frame.picture, np.broadcast_to((128, 0, 0), (224, 224, 3)))
    assert frame.header["timing_ms"]["effect"] > 0


def test_a_text_that_is_no_effect_is_told_with_line_and_column(client: Client) -> None:
    before = client.frame().picture if client.patch({"camera.yaw": 5}) else None
    body = refusal(client, "float share = 0.5;\ncolor *= shaer;")
    assert (body["code"], body["key"], body["revision"]) == ("effect", "post.custom", client.revision)
    assert (body["line"], body["column"], body["stopped"]) == (2, 10, False)
    assert body["reason"] == "'shaer' undeclared"
    assert body["text"] == "float share = 0.5;\ncolor *= shaer;"
    client.patch({"post.custom": ""})
    np.testing.assert_array_equal(client.frame().picture, before)


def test_every_ready_effect_of_the_welcome_makes_a_picture(client: Client) -> None:
    for effect in client.welcome["effects"]:
        revision = client.patch({"post.custom": effect["text"], "post.custom_value": effect["value"]})
        assert client.frame().revision == revision


def test_an_effect_that_never_ends_is_stopped_and_no_session_waits_for_it(
    server: RunningServer, client: Client
) -> None:
    ended = threading.Event()
    pauses: list[float] = []

    def watch() -> None:
        with server.client() as other:
            other.patch(NO_NETWORKS)
            other.frame()
            last, yaw = time.monotonic(), 0.0
            while not ended.is_set():
                yaw = (yaw + 1) % 90
                other.patch({"camera.yaw": yaw})
                other.frame()
                now = time.monotonic()
                pauses.append(now - last)
                last = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    while len(pauses) < 5:
        time.sleep(0.05)
    pauses.clear()
    text = HEAVY[-1] + f"// {time.monotonic()}"
    begin = time.monotonic()
    body = refusal(client, text)
    seconds = time.monotonic() - begin
    ended.set()
    watcher.join()
    assert (body["code"], body["stopped"], body["text"]) == ("effect", True, text)
    assert "did not finish within 1.5 seconds" in body["message"]
    assert seconds < 6, "1.6 on an idle machine; a busy one is given twice the time, and adds its own"
    assert len(pauses) > 3
    assert max(pauses) < seconds / 2, "the other session goes on meanwhile"
    begin = time.monotonic()
    client.patch({"post.custom": "color = color.bgr;"})
    client.frame()
    assert "not tried again" in refusal(client, text)["message"]
    assert refusal(client, "while (true) {}")["line"] == 1


def test_without_an_effect_nothing_is_asked_and_nothing_waits(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Effect] = []
    monkeypatch.setattr(studio.effects, "apply", lambda effect, picture: asked.append(effect) or picture)
    state, memo = SceneState.default(), Memo()
    for patch in ({}, {"post.custom": ""}, {"post.hue": 0.1}):
        assert "effect" not in studio.make(state.changed(patch), 1, memo).timing_ms
    assert asked == []
    slid = state.changed({"post.custom_value": 0.7})
    for hue in (0.0, 0.1, 0.2):
        studio.make(slid.changed({"post.hue": hue}), 1, memo)
    assert [effect.value for effect in asked] == [0.7], "what comes after it doesn't run it again"
