"""All units of the shown layer: the values of the frame's maps, small, without another forward pass."""

import json
import time

import numpy as np
import pytest
import torch
from websockets.sync.client import connect

from perturber.client import Client
from perturber.memo import Memo
from perturber.nets.classifier import Classifier
from perturber.nets.layers import CHANNELS
from perturber.parameters import SceneState
from perturber.studio import Studio
from perturber.whole_layer import LayerMaps
from tests.conftest import RunningServer


@pytest.mark.parametrize("layer", ["conv2d0", "mixed4a", "mixed5b"])
def test_every_unit_is_there_with_the_values_of_its_map(server: RunningServer, layer: str) -> None:
    with server.client() as client:
        client.patch({"view.layer": layer, "view.units": "0,5,11,63", "camera.yaw": 20})
        frame = client.frame()
        whole = client.layer()
    assert whole.header["layer"] == layer
    assert whole.header["revision"] == frame.revision
    assert set(whole.header["models"]) == {"model1", "model2"}
    for slot, described in whole.header["models"].items():
        shown = frame.activations(slot)
        assert described["divisor"] == frame.header["models"][slot]["divisor"]
        assert whole.maps(slot).shape[0] == CHANNELS[layer]
        np.testing.assert_array_equal(whole.peaks(slot)[[0, 5, 11, 63]], shown.max(axis=(1, 2)))
        # Averaging down by whole blocks, then a byte: half a level of error.
        side = whole.maps(slot).shape[1]
        blocks = shown.reshape(4, side, shown.shape[1] // side, side, shown.shape[2] // side).mean((2, 4))
        expected = np.clip(blocks / described["divisor"], -1, 1)
        np.testing.assert_allclose(whole.maps(slot)[[0, 5, 11, 63]], expected, atol=0.51 / 127)


def test_no_network_runs_for_it_where_the_frame_was_made(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, memo = SceneState.default().changed({"view.layer": "mixed5b"}), Memo()
    studio.make(state, 1, memo)
    monkeypatch.setattr(Classifier, "answer", None)
    maps = studio.pipeline.whole_layer(state, memo)
    assert {slot: own.maps.shape for slot, own in maps.items()} == {
        "model1": (1024, 4, 4),
        "model2": (1024, 4, 4),
    }


def test_extreme_values_are_cut_and_zero_stays_zero() -> None:
    values = torch.tensor([[[0.0, 3.0], [-9.0, 9.0]]])
    made = LayerMaps.from_activations(values, 4.0, "standard", 1)
    assert made.maps.tolist() == [[[127, 127 + round(127 * 0.75)], [0, 254]]]
    assert made.peaks.tolist() == [9.0]


def test_off_slots_and_off_activations_have_no_maps(server: RunningServer) -> None:
    with server.client() as client:
        client.patch({"model2.enabled": False})
        client.frame()
        assert set(client.layer().header["models"]) == {"model1"}
        client.patch({"view.activations": False})
        client.frame()
        assert client.layer().header["models"] == {}


def test_a_state_that_no_frame_has_shown_is_answered_too(server: RunningServer) -> None:
    with server.client() as client:
        client.patch({"view.layer": "mixed3b"})
        assert client.layer().header["layer"] == "mixed3b"
        assert client.frame().header["models"]["model1"]["layer"] == "mixed3b"


def test_asking_before_hello_is_out_of_order(server: RunningServer) -> None:
    with connect(server.websocket, compression=None) as socket:
        socket.send('{"type": "layer"}')
        answer = json.loads(socket.recv(10))
    assert (answer["code"], answer["expected"]) == ("order", "hello first")


def test_a_flood_of_requests_is_answered_now_and_then_and_frames_go_on(server: RunningServer) -> None:
    with server.client() as client, Client(server.websocket) as other:
        for client_ in (client, other):
            client_.frame()
        for _ in range(2000):
            client.send({"type": "layer", "surplus": "ignored like everywhere"})
        for yaw in range(5):
            other.patch({"camera.yaw": yaw})
            started = time.monotonic()
            other.frame()
            assert time.monotonic() - started < 2
        client.patch({"camera.yaw": 5})
        assert client.frame().revision == client.revision
