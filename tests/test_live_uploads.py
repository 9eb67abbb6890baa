"""Own files over HTTP and the webcam over the websocket, on a real server."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import trimesh
from PIL import Image

from perturber import paths
from perturber.cli import main
from perturber.client import Client, ServerError
from perturber.uploads import limits
from perturber.uploads.bundle import encode
from tests.conftest import RunningServer


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    with server.client() as client:
        yield client


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A box, a longer box, a sphere and a picture with a red left and a blue right half."""
    shapes = {"box": trimesh.creation.box(), "long": trimesh.creation.box((1, 3, 1))}
    shapes["sphere"] = trimesh.creation.icosphere(2)
    found = {name: tmp_path / f"{name}.ply" for name in shapes}
    for name, mesh in shapes.items():
        found[name].write_bytes(bytes(mesh.export(file_type="ply")))
    pixels = np.zeros((60, 120, 3), np.uint8)
    pixels[:, :60, 0] = pixels[:, 60:, 2] = 255
    found["picture"] = tmp_path / "picture.png"
    Image.fromarray(pixels).save(found["picture"])
    return found


def test_an_own_object_morphs_over_an_own_background(client: Client, files: dict[str, Path]) -> None:
    start = client.upload("object", files["box"])
    end = client.upload("object", files["long"])
    background = client.upload("background", files["picture"])
    own = {
        "scene.object": "custom",
        "scene.object_file": start["content"],
        "scene.object_end_file": end["content"],
        "scene.background": "custom",
        "scene.background_file": background["content"],
        "camera.yaw": 0.0,
    }
    client.patch(own)
    first = client.frame().picture
    assert first[5, 5].tolist() == [255, 0, 0]
    assert first[5, -5].tolist() == [0, 0, 255]
    client.patch({"morph.shape": 1.0})
    assert (client.frame().picture != first).any()
    assert (start["vertices"], start["faces"]) == (8, 12)


def test_everything_behind_the_scene_works_on_an_own_picture(client: Client, files: dict[str, Path]) -> None:
    content = client.upload("picture", files["picture"])["content"]
    client.patch({"scene.source": "picture", "scene.picture_file": content})
    frame = client.frame()
    assert frame.picture[112, 20].tolist() == [255, 0, 0]
    assert len(frame.header["models"]["model1"]["top"]) == 5
    client.patch({"post.hue": 1 / 3})
    assert client.frame().picture[112, 20].tolist() == [0, 255, 0]
    client.patch({"post.hue": 0.0, "scene.picture_fit": "letterbox"})
    assert client.frame().picture[5, 112].tolist() == [128, 128, 128]
    client.attack("step")
    assert client.frame().header["attack"]["steps"] == 1


def test_each_picture_of_the_webcam_is_a_frame(client: Client) -> None:
    for shade in (10, 200):
        client.webcam(np.full((224, 224, 3), shade, np.uint8))
        if shade == 10:
            client.patch({"scene.source": "webcam"})
        assert (client.frame().picture == shade).all()


def test_a_pair_that_cannot_morph_is_told_with_its_counts(
    server: RunningServer, client: Client, files: dict[str, Path]
) -> None:
    box, sphere = (client.upload("object", files[name])["content"] for name in ("box", "sphere"))
    answer = httpx.get(f"{server.url}/api/uploads/object/{box}/morph/{sphere}")
    assert answer.status_code == 409
    assert (
        "expected 8 vertices and 12 faces as in the start shape, got 162 and 320" in answer.json()["detail"]
    )


def test_content_is_described_pictured_and_forgotten(
    server: RunningServer, client: Client, files: dict[str, Path]
) -> None:
    headers = {"X-Perturber-Session": client.welcome["session"]}
    for kind, name in (("object", "box"), ("picture", "picture")):
        about = client.upload(kind, files[name])
        address = f"{server.url}/api/uploads/{kind}/{about['content']}"
        assert httpx.get(address).json() == about
        small = Image.open(io.BytesIO(httpx.get(f"{address}/thumbnail.webp").content))
        assert max(small.size) == limits.THUMBNAIL
        assert httpx.delete(address).status_code == 403
        assert httpx.delete(address, headers=headers).status_code == 204
        assert httpx.get(address).status_code == 404
        assert httpx.get(f"{address}/thumbnail.webp").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Perturber-Session": "guess"}, {"X-Perturber-Session": "own", "Origin": "http://evil.example"}],
    ids=["none", "guessed", "foreign page"],
)
def test_only_an_open_dashboard_may_upload(
    server: RunningServer, client: Client, headers: dict[str, str], files: dict[str, Path]
) -> None:
    sent = {name: client.welcome["session"] if value == "own" else value for name, value in headers.items()}
    body = encode([("a.png", files["picture"].read_bytes())])
    answer = httpx.post(f"{server.url}/api/uploads/picture", content=body, headers=sent)
    assert answer.status_code == 403


def test_a_sessions_name_ends_with_it(server: RunningServer, files: dict[str, Path]) -> None:
    with server.client() as short:
        pass
    with pytest.raises(ServerError, match="reload the page"):
        short.upload("picture", files["picture"])


def test_a_snapshot_shows_own_files(
    tmp_path: Path,
    files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path / "cache"))

    def snapshot(*options: str) -> Any:
        arguments = ["snapshot", "--device", "cpu", "--set", "model2.enabled=false", *options]
        assert main([*arguments, "--out", str(tmp_path / "out")]) == 0, capsys.readouterr().err
        return np.asarray(Image.open(tmp_path / "out" / "scene.png"))

    flat = ["--set", "scene.background_shape=flat"]  # it is twice as wide as high
    both = snapshot("--object", str(files["box"]), "--background", str(files["picture"]), *flat)
    assert both[5, 5].tolist() == [255, 0, 0]
    assert snapshot("--picture", str(files["picture"]))[100, 200].tolist() == [0, 0, 255]
    wrong = ["--object", str(files["box"]), "--object-end", str(files["sphere"]), "--out", str(tmp_path)]
    assert main(["snapshot", *wrong]) == 1
    assert "expected 8 vertices" in capsys.readouterr().err


def test_the_docs_table_states_the_limits() -> None:
    text = (paths.FRONTEND.parent / "docs" / "bring-your-own.md").read_text(encoding="utf-8")
    table = re.sub(r"[^|]*\\|$", "", text[text.index("## Limits") :])
    mebibytes = [limits.BYTES["object"], limits.BYTES["picture"], limits.SESSION_BYTES]
    expected = [f"{size // limits.MEBIBYTE} MiB" for size in mebibytes]
    counts = (limits.PIXELS, limits.SIDE, limits.VERTICES, limits.FACES, limits.LINE_BYTES, limits.NODES)
    expected += [f"{count:,}" for count in (*counts, limits.TEXT_HEADER_BYTES, *limits.KEPT_SIDE.values())]
    expected += [f"{limits.PARSE_SECONDS:g} s, {limits.PARSE_CPU_SECONDS} s of processor time"]
    expected += [f"{size // limits.MEBIBYTE:,} MiB" for size in (limits.PARSE_MEMORY, limits.KEPT_BYTES)]
    expected += [f"{limits.SESSION_UPLOADS} uploads", f"{limits.KEPT_SECONDS / 86_400:g} days"]
    assert [value for value in expected if value not in table] == []
