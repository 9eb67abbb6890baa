"""The Edited Model live: what it shows of an edit, what it costs, what can't be mixed."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from safetensors.torch import load as read_safetensors
from safetensors.torch import save_file

from perturber.cli import main
from perturber.client import Client, ClientFrame
from perturber.memo import Memo
from perturber.nets import catalog, store
from perturber.nets.edit import EDITABLE
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState
from perturber.studio import Studio
from tests.conftest import RunningServer, start_server, stop_server

ON = {"edited.enabled": True, "view.layer": "mixed4b", "view.units": "1,7"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A dashboard with another network of the bundled family, and one of none."""
    folder = tmp_path_factory.mktemp("networks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERTURBER_CACHE", str(folder / "cache"))
        catalog.entries.cache_clear()
        generator = torch.Generator().manual_seed(0)
        state = {
            name: (tensor + 0.1 * tensor.std() * torch.randn(tensor.shape, generator=generator)).contiguous()
            for name, tensor in Zoo().load("standard").network.state_dict().items()
        }
        save_file(state, folder / "other.safetensors")
        store.import_weights(folder / "other.safetensors", "other", family=catalog.find("standard").family)
        store.import_weights(folder / "other.safetensors", "stranger")
        running = start_server()
    catalog.entries.cache_clear()
    yield running
    stop_server(running)


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with server.client() as client:
        client.patch(ON | {"model2.variant": "other"})
        yield client


def logits(frame: ClientFrame, slot: str) -> dict[int, float]:
    return {row["index"]: row["logit"] for row in frame.header["models"][slot]["top"]}


def assert_same_answer(frame: ClientFrame, one: str, other: str) -> None:
    np.testing.assert_allclose(frame.activations(one), frame.activations(other), rtol=1e-4, atol=1e-4)
    assert logits(frame, one) == pytest.approx(logits(frame, other), rel=1e-4)


def mix(alpha: float) -> dict[str, object]:
    return {f"edit.mix.{layer}": alpha for layer in EDITABLE}


def test_a_mix_goes_from_model_1_to_model_2(client: Client) -> None:
    first = client.frame()
    assert_same_answer(first, "edited", "model1")
    client.patch(mix(1))
    last = client.frame()
    assert_same_answer(last, "edited", "model2")
    client.patch(mix(0.5))
    between = client.frame()
    for end in ("model1", "model2"):
        assert np.abs(between.activations("edited") - between.activations(end)).max() > 0.01
    np.testing.assert_array_equal(first.picture, between.picture)


def test_an_edit_behind_the_shown_layer_leaves_its_maps(client: Client) -> None:
    client.patch({"edit.mix.mixed5b": 1})
    frame = client.frame()
    np.testing.assert_allclose(frame.activations("edited"), frame.activations("model1"), rtol=1e-4, atol=1e-4)
    assert logits(frame, "edited") != pytest.approx(logits(frame, "model1"), rel=1e-4)


def test_the_header_says_what_is_active(client: Client) -> None:
    client.patch({"edit.mix.conv2d1": 0.25, "edit.prune.conv2d0": "0.2,0.9"})
    model = client.frame().header["models"]["edited"]
    assert (model["variant"], model["checkpoint"]) == ("edited", 0)
    assert list(model["active"]) == list(EDITABLE)
    assert model["active"]["conv2d0"] == [0, 1], "the other mode's settings don't count"
    assert model["active"]["conv2d1"] == [0.25, 1]
    client.patch({"edit.mode": "prune"})
    active = client.frame().header["models"]["edited"]["active"]
    # Equation 5.5: of 64 filters those with 12.8 < rank < 57.6.
    assert active["conv2d0"] == [0, round(45 / 64, 4)]
    assert active["conv2d1"] == [0, 1]


def test_pruned_filters_answer_with_their_bias_alone(client: Client) -> None:
    units = ",".join(map(str, range(8)))
    client.patch({"view.layer": "conv2d0", "view.units": units, "edit.mode": "prune"})
    client.patch({"edit.prune.conv2d0": "0.5,1"})
    frame = client.frame()
    maps = frame.activations("edited")
    flat = np.ptp(maps, axis=(1, 2)) < 1e-4
    assert flat.any()
    assert not flat.all()
    np.testing.assert_allclose(maps[~flat], frame.activations("model1")[~flat], rtol=1e-4, atol=1e-4)


def test_networks_of_two_families_are_told_and_pruning_goes_on(client: Client) -> None:
    client.frame()
    client.patch({"model2.variant": "stranger"})
    models = client.frame().header["models"]
    assert "mix: expected two networks of one family" in models["edited"]["note"]
    assert "top" not in models["edited"]
    assert "top" in models["model1"]
    client.patch({"edit.mode": "prune"})
    edited = client.frame().header["models"]["edited"]
    assert "note" not in edited
    assert "top" in edited
    client.patch({"edit.mode": "mix", "edited.enabled": False})
    assert set(client.frame().header["models"]) == {"model1", "model2"}


def test_an_edit_that_is_off_costs_nothing(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an Edited Model was made")

    monkeypatch.setattr(studio.pipeline.networks, "edited", refuse)
    frame = studio.make(SceneState.default().changed({"edit.mode": "prune"}), 1, Memo())
    assert set(frame.models) == {"model1", "model2"}
    assert "edited" not in frame.timing_ms


def test_a_snapshot_holds_the_edited_model(tmp_path: Path) -> None:
    settings = ["edited.enabled=true", "edit.mix.conv2d0=0.5", "view.units=3"]
    arguments = [argument for setting in settings for argument in ("--set", setting)]
    assert main(["snapshot", *arguments, "--out", str(tmp_path)]) == 0
    frame = json.loads((tmp_path / "frame.json").read_text())
    assert frame["models"]["edited"]["active"]["conv2d0"] == [0.5, 1]
    assert len(frame["models"]["edited"]["top"]) == 5
    assert np.array(frame["activations"]["edited"]["maps"]).shape == (1, 8, 8)


def test_the_edited_weights_come_as_a_file(server: RunningServer) -> None:
    address = f"{server.url}/api/edited.safetensors"
    query = {"model2.variant": "other", "edit.mix.conv2d0": "0.25"}
    weights, one, two = (
        read_safetensors(httpx.get(address, params=query | change).raise_for_status().content)
        for change in ({}, {"edit.mix.conv2d0": "0"}, {"edit.mix.conv2d0": "1"})
    )
    name = "conv2d0_pre_relu_conv.weight"
    torch.testing.assert_close(weights[name], 0.75 * one[name] + 0.25 * two[name])
    assert (one[name] != two[name]).any()


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ({"edit.mix.conv2d0": "2"}, "expected a number in [0, 1], got 2"),
        ({"edit.prune.conv2d0": "0.9,0.2"}, "expected two numbers 0 <= lower <= upper <= 1"),
        ({"no.such": "1"}, "expected a parameter key"),
        ({"model2.variant": "stranger"}, "expected two networks of one family"),
    ],
)
def test_a_query_that_is_no_edit_is_told(
    server: RunningServer, query: dict[str, str], complaint: str
) -> None:
    answer = httpx.get(f"{server.url}/api/edited.safetensors", params=query)
    assert answer.status_code == 400
    assert complaint in answer.json()["detail"]
