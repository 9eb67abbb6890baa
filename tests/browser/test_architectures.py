"""A ResNet-18 beside the bundled networks: layers of both, notes of what one lacks, sliders of its own."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from perturber.nets import catalog, store
from tests.browser.driver import Dashboard, Server

BESIDE = "#model2.variant=resnet"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, new_server: Callable[[], Server]) -> Iterator[Server]:
    """A dashboard with a ResNet-18 of random weights."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERTURBER_CACHE", str(tmp_path_factory.mktemp("cache")))
        catalog.entries.cache_clear()
        store.add("torchvision:resnet18", "resnet", seed=0)
        running = new_server()
    catalog.entries.cache_clear()
    yield running
    running.stop()


@pytest.fixture
def dashboard(server: Server, new_page: Callable[..., Page]) -> Dashboard:
    dashboard = Dashboard(new_page(server.url), server.url)
    dashboard.open(BESIDE)
    return dashboard


def chains(dashboard: Dashboard) -> list[str]:
    return [str(name) for name in dashboard.page.locator(".chain-name:visible").all_inner_texts()]


def names(dashboard: Dashboard, slot: str) -> list[str]:
    shown = dashboard.page.locator(f".{slot} .tile .tile-name:visible")
    return [str(name) for name in shown.all_inner_texts()]


def test_the_layers_of_both_networks_are_there_and_a_note_says_which_lacks_the_shown_one(
    dashboard: Dashboard,
) -> None:
    page = dashboard.page
    assert chains(dashboard) == ["Inception V1", "ResNet-18"]
    assert names(dashboard, "model1") == [f"mixed4a:{unit}" for unit in range(4)]
    note = page.locator(".model2 .layer-note")
    assert "ResNet-18 has no layer mixed4a; it has conv1, layer1 ... layer4." in note.inner_text()
    assert page.locator("#prediction-panels .model2 .class-row").first.is_visible()
    page.get_by_role("radio", name="layer3").check()
    dashboard.settle()
    assert names(dashboard, "model2") == [f"layer3:{unit}" for unit in range(4)]
    assert note.is_hidden()
    other = page.locator(".model1 .layer-note")
    assert "Inception V1 has no layer layer3" in other.inner_text()
    other.get_by_role("button").click()
    dashboard.settle()
    assert names(dashboard, "model1")[0].startswith("mixed")


def test_a_layer_that_no_shown_network_has_gives_way_to_one_as_deep(dashboard: Dashboard) -> None:
    dashboard.page.locator('label[for="model1.enabled"]').evaluate("label => label.click()")
    dashboard.settle()
    assert chains(dashboard) == [], "one chain alone needs no name"
    assert dashboard.page.locator(".layer-chain:visible").count() == 1
    assert names(dashboard, "model2") == [f"layer2:{unit}" for unit in range(4)]
    dashboard.wait_for_hash("view.layer=layer2")


def test_the_edited_models_lines_are_those_of_model_1s_architecture(dashboard: Dashboard) -> None:
    dashboard.open("#model1.variant=resnet&edited.enabled=true&edit.mode=prune&view.layer=layer2")
    lines = dashboard.page.locator('[data-key^="edit.prune."]:visible')
    expected = ["conv1", "layer1", "layer2", "layer3", "layer4", "classifier"]
    assert [line.get_attribute("data-key") for line in lines.all()] == [
        f"edit.prune.{name}" for name in expected
    ]
    assert names(dashboard, "edited") == names(dashboard, "model1")


def test_networks_of_two_architectures_are_not_mixed_and_the_others_go_on(dashboard: Dashboard) -> None:
    dashboard.open(f"{BESIDE}&edited.enabled=true")
    note = dashboard.page.locator(".edited .layer-note").inner_text()
    assert (
        "expected two networks of one architecture, got standard (Inception V1) and resnet (ResNet-18)"
        in note
    )
    assert dashboard.page.locator("#prediction-panels .edited .class-row").first.is_hidden()
    assert len(names(dashboard, "model1")) == 4
