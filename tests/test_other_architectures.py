"""A ResNet-18 with random weights goes the whole way: brought in, seen, attacked, edited, visualized."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from perturber.attacks.attack import AttackState, advance, logits_of
from perturber.attacks.catalog import AttackSettings, make
from perturber.attacks.goal import away
from perturber.cli import main
from perturber.explain.fingerprint import fingerprint
from perturber.explain.library import Library, order
from perturber.explain.visualization_cache import VisualizationCache
from perturber.memo import Memo
from perturber.nets import catalog, store
from perturber.nets.classifier import Classifier
from perturber.nets.edit import Base, EditError, Mix, Prune, read_edit
from perturber.nets.editing import Editor, FamilyError
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo
from perturber.parameter import ParameterError
from perturber.parameters import SceneState
from perturber.studio import Studio

ARCHITECTURE = "torchvision:resnet18"
GROUPS = ("conv1", "layer1", "layer2", "layer3", "layer4", "classifier")
ONE, TWO = Base("one"), Base("two")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache with two ResNet-18 of random weights."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERTURBER_CACHE", str(folder))
        catalog.entries.cache_clear()
        for seed, name in enumerate(("one", "two")):
            store.add(ARCHITECTURE, name, seed=seed)
        yield folder / "models"
    catalog.entries.cache_clear()


@pytest.fixture(scope="module")
def zoo() -> Zoo:
    return Zoo()


@pytest.fixture(scope="module")
def one(zoo: Zoo) -> Classifier:
    return zoo.load("one")


@pytest.fixture(scope="module")
def picture() -> Tensor:
    return torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(3))


def state_of(cache: Path, name: str = "one") -> dict[str, Tensor]:
    return load_file(cache / f"{name}.safetensors")


def test_the_catalog_keeps_the_architecture_and_says_that_weights_are_random() -> None:
    entry = catalog.find("one")
    assert (entry.anatomy.name, entry.anatomy.label) == (ARCHITECTURE, "ResNet-18")
    assert entry.anatomy.groups == GROUPS
    assert (entry.input_size, entry.num_classes) == (224, 1000)
    assert entry.label == "ResNet-18 (random, seed 0)"


def test_its_thousand_classes_are_imagenets_in_the_librarys_order(one: Classifier) -> None:
    from torchvision.models import ResNet18_Weights

    expected = ResNet18_Weights.DEFAULT.meta["categories"]
    names = [name.name.split(", ") for name in one.classes if name is not None]
    agreeing = sum(category in synonyms for category, synonyms in zip(expected, names, strict=True))
    assert agreeing > 950, "a few are spelt otherwise"


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_pgd_raises_the_loss_inside_its_ball_and_the_picture_stays_one(
    one: Classifier, picture: Tensor, norm: Any
) -> None:
    settings = AttackSettings("pgd", norm, 1.0 if norm == "l2" else 8 / 255)
    goal, network = away(one, picture), logits_of(one)
    *_, last = advance(make(settings), network, AttackState.begin(picture, goal), 5)
    assert float(last.size(norm)) <= settings.epsilon * 1.0001
    assert 0 <= float(last.picture.min()) <= float(last.picture.max()) <= 1
    assert float(goal.objective(network(last.picture))) > float(goal.objective(network(picture)))


def test_a_mix_lies_between_its_networks_statistics_of_batch_normalization_too(
    zoo: Zoo, cache: Path, picture: Tensor
) -> None:
    halves = Mix(ONE, TWO, (0.5,) * len(GROUPS), GROUPS)
    mixed = Editor(zoo).load(halves).classifier.network.state_dict()
    first, second = state_of(cache, "one"), state_of(cache, "two")
    assert mixed.keys() == first.keys()
    for name, tensor in mixed.items():
        expected = (first[name] + second[name]) / 2 if tensor.is_floating_point() else first[name]
        torch.testing.assert_close(tensor.contiguous(), expected, msg=name)
    whole = Editor(zoo).load(halves.all_from_model2()).classifier
    with torch.inference_mode():
        torch.testing.assert_close(whole.answer(picture).logits, zoo.load("two").answer(picture).logits)


def test_pruned_filters_are_the_weakest_and_the_rest_is_shared(zoo: Zoo, one: Classifier) -> None:
    edit = Prune(ONE, ((0.0, 1.0),) * len(GROUPS), GROUPS).changed({"layer2": (0.5, 1)})
    edited = Editor(zoo).load(edit)
    kernel = edited.classifier.network.get_parameter("layer2.1.conv2.weight")
    magnitudes = one.network.get_parameter("layer2.1.conv2.weight").abs().sum((1, 2, 3))
    weakest = set(magnitudes.argsort()[:65].tolist())  # ranks up to 64 are not above 0.5 * 128
    assert {index for index, filters in enumerate(kernel) if not bool(filters.any())} == weakest
    assert edited.classifier.network.get_submodule("layer3") is one.network.get_submodule("layer3")
    assert [layer for layer, active in edited.active().items() if active.share < 1] == ["layer2"]


def test_an_edit_as_json_knows_the_architectures_layers() -> None:
    edit = Prune(ONE, ((0.0, 1.0),) * len(GROUPS), GROUPS).changed({"layer1": (0.1, 0.9)})
    assert read_edit(edit.to_json()) == edit
    with pytest.raises(EditError, match=r"expected one of conv1, layer1, .*, classifier, got 'mixed3a'"):
        read_edit('{"mode": "prune", "model1": {"variant": "one"}, "layers": {"mixed3a": [0, 1]}}')


def test_two_architectures_are_not_mixed(zoo: Zoo) -> None:
    complaint = r"of one architecture, got standard \(Inception V1\) and one \(ResNet-18\)"
    with pytest.raises(FamilyError, match=complaint):
        Editor(zoo).load(Mix(Base("standard"), ONE))


def test_a_feature_visualization_raises_what_its_unit_answers(one: Classifier, tmp_path: Path) -> None:
    asked = order(one, "layer2", kind="neuron")
    library = Library(VisualizationCache(tmp_path), shipped=False)
    early, late = (
        library.make(one, replace(asked, recipe=replace(asked.recipe, steps=steps, size=64)), [5])[0]
        for steps in (1, 24)
    )
    assert late.activation > early.activation + 1


def test_equal_parameters_with_other_statistics_are_other_weights(zoo: Zoo, cache: Path) -> None:
    state = state_of(cache)
    state["layer1.0.bn1.running_mean"] += 1
    save_file(state, cache.parent / "moved.safetensors")
    store.import_weights(cache.parent / "moved.safetensors", "moved", architecture=ARCHITECTURE)
    one, moved = zoo.load("one"), zoo.load("moved")
    assert fingerprint(one, "conv1") == fingerprint(moved, "conv1")
    assert fingerprint(one, "layer1") != fingerprint(moved, "layer1")


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "a training's checkpoint"])
def test_weights_in_a_file_come_back_to_the_bit(cache: Path, tmp_path: Path, wrapped: bool) -> None:
    state = state_of(cache)
    content = {"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}, "epoch": 3}
    torch.save(content if wrapped else state, tmp_path / "weights.pth")
    entry = store.import_weights(tmp_path / "weights.pth", "again", architecture=ARCHITECTURE)
    assert entry.anatomy.name == ARCHITECTURE
    again = load_file(entry.file)
    assert again.keys() == state.keys()
    assert all(torch.equal(again[name], tensor) for name, tensor in state.items())


def test_the_class_count_is_read_from_the_weights(cache: Path, tmp_path: Path) -> None:
    state = state_of(cache)
    state |= {name: state[name][:7].clone() for name in ("fc.weight", "fc.bias")}
    save_file(state, tmp_path / "seven.safetensors")
    (tmp_path / "classes.tsv").write_text("".join(f"\tname {index}\n" for index in range(7)))
    options = ["--name", "seven", "--arch", ARCHITECTURE, "--classes", str(tmp_path / "classes.tsv")]
    assert main(["models", "import", str(tmp_path / "seven.safetensors"), *options]) == 0
    assert [name.name for name in Zoo().load("seven").classes if name] == [
        f"name {index}" for index in range(7)
    ]


def altered(state: dict[str, Tensor], fault: str) -> dict[str, Tensor]:
    match fault:
        case "names":
            return {f"backbone.{name}": tensor for name, tensor in state.items() if name != "fc.weight"} | {
                "fc.weight": state["fc.weight"]
            }
        case "missing":
            return {name: tensor for name, tensor in state.items() if name != "layer2.0.conv1.weight"}
        case "shape":
            return state | {"layer1.0.conv1.weight": state["layer1.0.conv1.weight"][:3].clone()}
        case "NaN":
            return state | {"layer1.0.conv1.weight": state["layer1.0.conv1.weight"] * torch.nan}
        case "more":
            return state | {"fc2.weight": torch.zeros(3)}
    return {name: tensor for name, tensor in state.items() if name != "fc.weight"}


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (
            "names",
            r"expected ResNet-18's tensors conv1.weight, .* more, got none of these; it has 'backbone.bn1",
        ),
        ("missing", "expected a tensor layer2.0.conv1.weight, got none of that name"),
        ("shape", r"layer1.0.conv1.weight: expected shape \(64, 64, 3, 3\), got \(3, 64, 3, 3\)"),
        ("NaN", "layer1.0.conv1.weight: expected finite values"),
        ("more", "expected only ResNet-18's parameters, got 'fc2.weight'"),
        ("head", "expected a tensor fc.weight, got 'bn1.bias'"),
    ],
)
def test_weights_that_do_not_fit_are_refused_with_what_was_expected(
    cache: Path, tmp_path: Path, fault: str, complaint: str
) -> None:
    save_file(altered(state_of(cache), fault), tmp_path / "weights.safetensors")
    before = sorted(cache.iterdir())
    with pytest.raises(ModelError, match=complaint):
        store.import_weights(tmp_path / "weights.safetensors", "bad", architecture=ARCHITECTURE)
    assert sorted(cache.iterdir()) == before


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    class Malicious:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (Path.touch, (tmp_path / "witness",))  # type: ignore[return-value]

    torch.save({"state_dict": {"fc.weight": Malicious()}}, tmp_path / "weights.pth")
    with pytest.raises(ModelError, match="expected safetensors or tensors saved by torch"):
        store.import_weights(tmp_path / "weights.pth", "bad", architecture=ARCHITECTURE)
    assert not (tmp_path / "witness").exists()


def test_a_family_is_of_one_architecture(cache: Path) -> None:
    with pytest.raises(
        ModelError, match="family: expected one of ResNet-18, got Inception V1's tiny-imagenet"
    ):
        store.import_weights(
            cache / "one.safetensors", "bad", family="tiny-imagenet", architecture=ARCHITECTURE
        )


def test_layers_that_no_network_has_are_refused_in_a_state() -> None:
    # The table is made at the program's start, here without the ResNets.
    with pytest.raises(ParameterError, match=r"view.layer: expected one of conv2d0, .*, got 'layer9'"):
        SceneState.default().changed({"view.layer": "layer9"})


def test_a_slot_that_lacks_the_layer_says_so_and_the_other_goes_on(
    studio: Studio,
) -> None:
    state = SceneState.default()
    values = {**state, "model2.variant": "one", "view.units": "0,300"}
    seen = studio.make(SceneState(tuple(values[key] for key in state)), 1, Memo()).models
    assert seen["model1"].activations is not None
    assert seen["model1"].note is None
    assert seen["model2"].activations is None
    assert seen["model2"].note == "ResNet-18 has no layer mixed4a; it has conv1, layer1 ... layer4"
    assert seen["model2"].top is not None
    values |= {"view.layer": "layer3"}
    seen = studio.make(SceneState(tuple(values[key] for key in state)), 2, Memo()).models
    assert seen["model2"].units == (0,)
    assert seen["model2"].note == "layer3 of ResNet-18 has units 0 to 255, and no 300"
