"""The attack of a session over the websocket: steps, overlay, undo, reset, run, refusals."""

import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.client import connect

from perturber.client import Client, ClientFrame, ServerError
from tests.conftest import RunningServer


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with server.client() as client:
        client.patch({"view.activations": False})
        yield client


def stepped(client: Client, steps: int = 1) -> ClientFrame:
    """The frame that shows the attack after so many steps more."""
    client.attack("step", steps)
    return until(client, lambda attack: attack is not None and not attack["running"])


def until(client: Client, holds: Callable[[dict[str, Any] | None], bool]) -> ClientFrame:
    while True:
        frame = client.frame()
        if holds(frame.header.get("attack")):
            return frame


def assert_same(first: ClientFrame, second: ClientFrame) -> None:
    np.testing.assert_array_equal(first.picture, second.picture)
    assert first.header["models"] == second.header["models"]


def test_a_step_takes_from_the_first_class_in_every_model(client: Client) -> None:
    before = client.frame()
    assert "attack" not in before.header
    frame = stepped(client)
    attack = frame.header["attack"]
    assert (attack["steps"], attack["running"], attack["method"]) == (1, 0, "pgd")
    assert attack["norm_used"] == pytest.approx(attack["epsilon"] / 8, rel=1e-2)
    for slot in ("model1", "model2"):
        story, top = attack["classes"][slot], frame.header["models"][slot]["top"]
        assert story["original_before"] == before.header["models"][slot]["top"][0]
        assert story["original_after"]["index"] == story["original_before"]["index"]
        assert story["original_after"]["probability"] < story["original_before"]["probability"]
        assert story["top_after"] == top[0]


def test_undo_takes_back_one_step_and_reset_all_of_them(client: Client) -> None:
    before = client.frame()
    first = stepped(client)
    second = stepped(client)
    assert (first.picture != second.picture).any()
    client.attack("undo")
    undone = client.frame()
    assert undone.header["attack"]["steps"] == 1
    assert_same(undone, first)
    client.attack("reset")
    reset = client.frame()
    assert "attack" not in reset.header
    assert_same(reset, before)


def test_the_alphas_fade_perturbation_and_picture(client: Client) -> None:
    before = client.frame()
    attacked = stepped(client, 3)
    client.patch({"attack.attack_alpha": 0})
    assert_same(client.frame(), before)
    client.patch({"attack.original_alpha": 0})
    assert (client.frame().picture == 128).all(), "neither picture nor perturbation: grey"
    client.patch({"attack.attack_alpha": 1, "attack.original_alpha": 1})
    again = client.frame()
    assert again.header["attack"]["steps"] == 3, "fading makes no step"
    assert_same(again, attacked)


def test_the_scene_stands_still_under_an_attack_and_catches_up_after_it(client: Client) -> None:
    attacked = stepped(client)
    scene = {"camera.yaw": 60, "post.hue": 0.3, "frequency.low_sigma": 8}
    revision = client.patch(scene)
    still = client.frame()
    assert still.revision == revision
    assert_same(still, attacked)
    client.attack("reset")
    caught_up = client.frame()
    assert (caught_up.picture != attacked.picture).any()
    client.patch({"camera.yaw": 59})
    client.frame()
    client.patch({"camera.yaw": 60})
    assert_same(client.frame(), caught_up)


def test_a_run_shows_its_steps_and_can_be_cancelled(client: Client) -> None:
    client.frame()
    client.attack("step", 1000)
    seen = [client.frame().header["attack"] for _ in range(3)]
    steps = [attack["steps"] for attack in seen]
    assert steps == sorted(set(steps)), "a frame for each step shown, none twice"
    assert all(attack["steps"] + attack["running"] == 1000 for attack in seen)
    client.attack("cancel")
    cancelled = until(client, lambda attack: attack is not None and not attack["running"])
    time.sleep(0.5)
    client.patch({"view.units": "7"})
    assert client.frame().header["attack"]["steps"] == cancelled.header["attack"]["steps"] < 1000


def test_a_reset_in_the_middle_of_a_step_stands(client: Client) -> None:
    before = client.frame()
    client.attack("step", 50)
    client.attack("reset")
    client.attack("undo")
    client.attack("cancel")
    time.sleep(0.5)
    client.patch({"view.units": "7"})
    frame = client.frame()
    assert "attack" not in frame.header
    assert_same(frame, before)


@pytest.mark.parametrize(("target", "complaint"), [("unicorn", "got 'unicorn'"), ("cat", "which could be")])
def test_a_target_that_is_no_class_is_told_and_the_session_lives(
    client: Client, target: str, complaint: str
) -> None:
    before = client.frame()
    client.patch({"attack.target": target})
    assert_same(client.frame(), before)
    client.attack("step", 5)
    with pytest.raises(ServerError, match=complaint) as caught:
        client.frame()
    assert caught.value.body["code"] == "attack"
    client.patch({"attack.target": "n01443537", "attack.epsilon": 8})
    attack = stepped(client, 12).header["attack"]
    assert attack["target"].startswith("goldfish")
    assert attack["steps"] == 12
    assert attack["classes"]["model1"]["top_after"]["wnid"] == "n01443537"


def test_two_sessions_attack_their_own_pictures(server: RunningServer, client: Client) -> None:
    with server.client() as other:
        untouched = other.frame()
        attacked = stepped(client, 2)
        other.patch({"view.units": "7"})
        frame = other.frame()
        assert "attack" not in frame.header
        np.testing.assert_array_equal(frame.picture, untouched.picture)
        other.patch({"attack.epsilon": 9})
        assert stepped(other).header["attack"]["name"] != attacked.header["attack"]["name"]
        client.patch({"view.units": "7"})
        assert client.frame().header["attack"]["epsilon"] == 1


def test_a_client_that_leaves_in_the_middle_of_a_run_leaves_nothing(
    server: RunningServer, client: Client
) -> None:
    with server.client() as leaving:
        leaving.attack("step", 1000)
        name = leaving.frame().header["attack"]["name"]
        address = f"{server.url}/api/attack/{name}/perturbation.npy"
        assert httpx.get(address).status_code == 200
    deadline = time.monotonic() + 10
    while httpx.get(address).status_code != 404:
        assert time.monotonic() < deadline, "its attack outlives it"
        time.sleep(0.1)
    assert client.frame().header["models"]


def test_the_files_are_the_exact_floats(server: RunningServer, client: Client) -> None:
    before = client.frame()
    client.patch({"attack.norm": "linf", "attack.epsilon": 0.1})
    frame = stepped(client, 8)
    attack = frame.header["attack"]

    def load(file: str) -> Any:
        return np.load(io.BytesIO(httpx.get(f"{server.url}/api/attack/{attack['name']}/{file}").content))

    original, perturbation = load("original.npy"), load("perturbation.npy")
    assert perturbation.dtype == np.float32
    assert perturbation.shape == (224, 224, 3)
    assert np.abs(perturbation).max() == pytest.approx(attack["norm_used"])
    np.testing.assert_allclose(original * 255, before.picture, atol=1e-4)
    np.testing.assert_allclose((original + perturbation) * 255, frame.picture, atol=0.51)
    assert httpx.get(f"{server.url}/api/attack/{attack['name']}/secrets.txt").status_code == 404


def test_a_coarse_attack_survives_8_bits_and_that_is_told(server: RunningServer, client: Client) -> None:
    client.patch({"attack.norm": "linf", "attack.epsilon": 0.1})
    attack = stepped(client, 4).header["attack"]
    answer = httpx.get(f"{server.url}/api/attack/{attack['name']}/in-8-bits")
    assert answer.json() == {"lost": False}, "0.1 is 25 of the 255 levels"
    assert httpx.get(f"{server.url}/api/attack/none/in-8-bits").status_code == 404


def test_the_classes_of_a_network_are_listed(server: RunningServer) -> None:
    rows = httpx.get(f"{server.url}/api/classes/standard").json()
    assert {"index": 22, "wnid": "n01443537", "class": "goldfish, Carassius auratus"} in rows
    assert httpx.get(f"{server.url}/api/classes/none").status_code == 404


@pytest.mark.parametrize("method", ["fgsm", "jsma", "evolution", "cppn"])
def test_every_method_steps_in_the_dashboard(client: Client, method: str) -> None:
    client.patch({"attack.method": method, "attack.epsilon": 20})
    attack = stepped(client, 2).header["attack"]
    assert attack["method"] == method
    assert attack["norm"] == {"jsma": "l0"}.get(method, "l2")
    assert attack["norm_used"] <= 20.001


def test_an_attack_message_comes_after_hello(server: RunningServer) -> None:
    with connect(server.websocket) as socket:
        socket.send('{"type": "attack", "action": "step"}')
        assert json.loads(socket.recv(5))["code"] == "order"


def test_the_edited_model_is_attacked_and_tells_its_own_story(client: Client) -> None:
    client.patch({"edited.enabled": True, "edit.mix.conv2d0": 1.0, "attack.source": "edited"})
    frame = stepped(client, 3)
    attack = frame.header["attack"]
    assert attack["source"] == "edited"
    assert set(attack["classes"]) == {"model1", "model2", "edited"}
    story = attack["classes"]["edited"]
    assert story["original_after"]["probability"] < story["original_before"]["probability"]
    assert story["top_after"] == frame.header["models"]["edited"]["top"][0]
    client.patch({"edit.mix.conv2d0": 0.5})
    other = client.frame().header["attack"]["classes"]["edited"]["original_before"]
    assert other["probability"] != story["original_before"]["probability"], "another network, asked anew"
