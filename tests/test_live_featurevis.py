"""Feature visualizations over the websocket, as docs/protocol.md says."""

import random
import time

import httpx
import pytest

from perturber.client import ClientRow
from perturber.explain import sheets
from perturber.nets import catalog
from perturber.protocol import SLOTS
from perturber.slots import SLOTS as EVERY_SLOT
from tests.conftest import RunningServer


def new_edit(layer: str = "conv2d1") -> dict[str, object]:
    """Weights that nobody has seen: no cache has their pictures."""
    mix = {"edit.mix.conv2d0": random.uniform(0.2, 0.8)}
    return {"edited.enabled": True, "model2.enabled": False, "view.layer": layer, "view.units": "3,7", **mix}


def idle(row: ClientRow) -> bool:
    return row.message["state"] == "idle"


def test_protocol_and_pipeline_name_the_same_slots() -> None:
    assert SLOTS == EVERY_SLOT


def test_the_edited_models_row_waits_for_play_forms_and_grows_stale(server: RunningServer) -> None:
    with server.client() as client:
        client.patch(new_edit())
        client.frame()
        assert client.row("edited", idle).pictures == {}
        client.featurevis("play", "edited")
        pictures = client.row("edited").pictures
        assert {unit: picture.shape for unit, picture in pictures.items()} == {3: (16, 16, 3), 7: (16, 16, 3)}
        weights = client.rows["edited"].message["weights"]
        client.patch({"edit.mix.mixed5b": 0.5})  # behind the layer
        client.frame()
        client.patch({"edit.mix.conv2d0": 0.123})
        client.frame()
        client.row(
            "edited", lambda row: row.message["weights"] != weights and row.message["state"] != "waiting"
        )


def test_the_first_picture_comes_within_a_second_and_pausing_holds(server: RunningServer) -> None:
    with server.client() as client:
        client.patch(new_edit("mixed4b"))
        client.frame()
        client.row("edited", idle)
        start = time.perf_counter()
        client.featurevis("play", "edited")
        client.row("edited", lambda row: len(row.pictures) == 2)
        taken = time.perf_counter() - start
        client.featurevis("pause", "edited")
        step = client.row("edited", lambda row: row.message["state"] == "paused").message["step"]
        assert 0 < step < client.rows["edited"].message["steps"]
        # A second alone on a core; this test shares its machine with others.
        assert taken < 4


def test_a_row_that_is_switched_off_sends_nothing(server: RunningServer) -> None:
    with server.client() as client:
        client.patch(new_edit() | {"view.featvis": False})
        client.frame()
        client.featurevis("play", "edited")
        client.patch({"view.units": "1"})
        client.frame()
        time.sleep(0.5)
        client.patch({"view.units": "2"})
        client.frame()
        assert client.rows == {}


def test_shipped_pictures_of_all_checkpoints_come_in_one_request(server: RunningServer) -> None:
    shipped = {sheet.sha256 for sheet in sheets.load()}
    expected = {
        entry.checkpoint
        for entry in catalog.entries()
        if entry.variant == "adversarial" and entry.sha256 in shipped
    }
    units = next(
        (shelf.units[:2] for sheet in sheets.load() for shelf in sheet.shelves if shelf.layer == "mixed4c"),
        (0, 1),
    )
    query = {"layer": "mixed4c", "units": ",".join(map(str, units))}
    body = httpx.get(f"{server.url}/api/feature-visualizations/adversarial", params=query).json()
    assert {int(checkpoint) for checkpoint in body} == expected
    assert all(set(map(int, pictures)) == set(units) for pictures in body.values())


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("nobody", {"layer": "mixed4c", "units": "1"}, 200),
        ("standard", {"layer": "../../etc", "units": "1"}, 200),
        ("standard", {"layer": "mixed4c", "units": "x"}, 400),
        ("standard", {"layer": "mixed4c", "units": "1," * 50}, 400),
        ("standard", {"units": "1"}, 422),
    ],
)
def test_odd_requests_for_shipped_pictures_do_no_harm(
    server: RunningServer, path: str, query: dict[str, str], status: int
) -> None:
    answer = httpx.get(f"{server.url}/api/feature-visualizations/{path}", params=query)
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {}
