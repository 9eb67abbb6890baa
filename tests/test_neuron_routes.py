"""Kernels and pictures of classes by plain requests."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from safetensors.numpy import load

from perturber import paths
from perturber.app import create_app
from perturber.explain.class_images import ClassImages
from perturber.nets.zoo import Zoo
from perturber.studio import StudioSettings
from tests.conftest import RunningServer


def kernels(server: RunningServer, slot: str, **values: object) -> np.ndarray:
    answer = httpx.get(f"{server.url}/api/kernels/{slot}", params={k: str(v) for k, v in values.items()})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    flat = np.array(body["kernels"], np.float32)
    assert body["largest"] == pytest.approx(np.abs(flat).max(), rel=1e-4)
    return flat.reshape(body["shape"])


def test_the_kernels_are_those_of_the_weight_file(server: RunningServer) -> None:
    content = (paths.MODELS / "tiny-imagenet-standard.safetensors").read_bytes()
    expected = load(content)["conv2d0_pre_relu_conv.weight"].astype(np.float32)
    got = kernels(server, "model1")
    assert got.shape == (64, 3, 7, 7)
    np.testing.assert_allclose(got, expected, rtol=1e-4)


def test_the_edited_models_kernels_are_mixed(server: RunningServer) -> None:
    one, two = kernels(server, "model1"), kernels(server, "model2")
    half = kernels(server, "edited", **{"edit.mix.conv2d0": 0.5})
    np.testing.assert_allclose(half, (one + two) / 2, atol=1e-6)
    loaded = Zoo("cpu").load("adversarial").network.convolution("conv2d0").weight
    np.testing.assert_allclose(two, loaded.detach().numpy(), rtol=1e-4)


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("model3", 404, "slot: expected one of model1, model2, edited"),
        ("model1?model1.variant=none", 400, "model1.variant: expected one of"),
        ("model1?model1.checkpoint=77", 400, "checkpoint of standard"),
        ("model1?colour=red", 400, "expected a parameter key"),
        ("edited?edit.mix.conv2d0=2", 400, "edit.mix.conv2d0: expected a number"),
    ],
)
def test_what_is_no_network_is_refused(server: RunningServer, path: str, status: int, detail: str) -> None:
    answer = httpx.get(f"{server.url}/api/kernels/{path}")
    assert answer.status_code == status
    assert detail in answer.json()["detail"]


@pytest.fixture(scope="module")
def with_examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "n02124075").mkdir()
    Image.new("RGB", (60, 40), "lime").save(folder / "n02124075" / "1.jpg")
    settings = StudioSettings(device="cpu", class_images=True)
    with TestClient(
        create_app(settings, class_images=ClassImages(folder)), base_url="http://localhost"
    ) as client:
        yield client


def test_a_real_example_comes_before_the_shipped_picture(with_examples: TestClient) -> None:
    example = with_examples.get("/api/class-picture/standard/0")  # Egyptian cat
    assert example.headers["Perturber-Picture"] == "example"
    shipped = with_examples.get("/api/class-picture/standard/1")
    assert shipped.headers["Perturber-Picture"] == "visualization"


@pytest.mark.parametrize("path", ["standard/200", "standard/-1", "none/0", "..%2f..%2fetc/0"])
def test_a_class_that_there_is_not_is_missing(with_examples: TestClient, path: str) -> None:
    assert with_examples.get(f"/api/class-picture/{path}").status_code == 404


def test_an_index_that_is_no_number_is_refused(with_examples: TestClient) -> None:
    assert with_examples.get("/api/class-picture/standard/x").status_code == 422


def test_a_class_list_is_relative_to_nothing_of_the_requests(
    tmp_path: Path, with_examples: TestClient
) -> None:
    assert with_examples.get(f"/api/class-picture/{tmp_path}/0").status_code == 404
