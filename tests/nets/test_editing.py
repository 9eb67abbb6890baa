"""Edited networks against networks made by hand, and what an edit may and may not touch."""

import gc
import json
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save as to_safetensors
from torch import Tensor

from perturber import paths
from perturber.nets import catalog, packed, store
from perturber.nets.edit import EDITABLE, Base, Edit, Mix, Prune, read_edit
from perturber.nets.editing import MAX_SESSIONS, EditedNetwork, Editor, FamilyError
from perturber.nets.inception import InceptionV1
from perturber.nets.zoo import Zoo
from tests.nets.thesis import pruning_mask

State = dict[str, Tensor]
ONE, TWO = Base("standard"), Base("other")
CLASSES = paths.MODELS / "tiny-imagenet-classes.tsv"
MIXED = Mix(ONE, TWO, tuple(np.linspace(0.1, 0.9, len(EDITABLE)).tolist()))
PRUNED = Prune(ONE, ((0.2, 0.9),) * len(EDITABLE))


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    """The bundled network, and in the user's cache another of its family: the same with seeded noise."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERTURBER_CACHE", str(cache))
        catalog.entries.cache_clear()
        zoo = Zoo()
        generator = torch.Generator().manual_seed(0)
        state = {
            name: tensor + 0.3 * tensor.std() * torch.randn(tensor.shape, generator=generator)
            for name, tensor in state_of(zoo, ONE).items()
        }
        install(state, "other", cache / "models")
        catalog.entries.cache_clear()
        yield zoo
    catalog.entries.cache_clear()


def install(state: State, variant: str, folder: Path) -> None:
    """Put `state` beside the bundled networks, as one of their family."""
    folder.mkdir(exist_ok=True)
    content = to_safetensors({name: tensor.contiguous() for name, tensor in state.items()})
    (folder / f"{variant}.safetensors").write_bytes(content)
    (folder / CLASSES.name).write_bytes(CLASSES.read_bytes())
    manifest = json.loads((paths.MODELS / "manifest.json").read_text())
    model = manifest["models"][0] | {"variant": variant, "file": f"{variant}.safetensors"}
    manifest["models"] = [model | {"sha256": sha256(content).hexdigest()}]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def state_of(zoo: Zoo, base: Base) -> State:
    return zoo.load(base.variant).network.state_dict()


def layer_of(name: str) -> str:
    """The slider that a parameter belongs to."""
    return "classifier" if name.startswith("softmax2") else name.split("_")[0]


@pytest.fixture(scope="module")
def picture() -> Tensor:
    noise = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.interpolate(noise, (128, 128), mode="bicubic").clamp(0, 1)


def logits(edited: EditedNetwork, picture: Tensor) -> Tensor:
    result = edited.classifier.answer(picture).logits
    assert result is not None
    return result


def test_all_from_one_model_is_that_model(zoo: Zoo, picture: Tensor) -> None:
    editor = Editor(zoo)
    for edit, base in ((MIXED.all_from_model1(), ONE), (MIXED, None), (MIXED.all_from_model2(), TWO)):
        edited = editor.load(edit)
        if base:
            torch.testing.assert_close(
                logits(edited, picture), zoo.load(base.variant).answer(picture).logits, rtol=0, atol=0
            )
            torch.testing.assert_close(
                edited.classifier.network.state_dict(), state_of(zoo, base), rtol=0, atol=0
            )
    assert not torch.equal(
        logits(editor.load(MIXED.all_from_model1()), picture), logits(editor.load(MIXED), picture)
    )


@pytest.mark.parametrize(
    "edit", [MIXED, MIXED.changed({"mixed4a": 0, "conv2d1": 1}), MIXED.model2_up_to("mixed3a")]
)
def test_a_mix_is_the_network_mixed_by_hand(zoo: Zoo, picture: Tensor, edit: Mix) -> None:
    one, two, alphas = state_of(zoo, ONE), state_of(zoo, TWO), edit.by_layer()
    by_hand = {
        name: one[name].double() * (1 - alphas[layer_of(name)]) + two[name].double() * alphas[layer_of(name)]
        for name in one
    }
    network = InceptionV1(200)
    network.load_state_dict(by_hand)
    edited = Editor(zoo).load(edit)
    with torch.no_grad():
        expected = network(picture * 255 - 117)
    torch.testing.assert_close(logits(edited, picture), expected, rtol=1e-4, atol=1e-4)
    for name, tensor in edited.classifier.network.state_dict().items():
        torch.testing.assert_close(tensor.double(), by_hand[name], rtol=0, atol=1e-6)


@pytest.mark.parametrize("layer", EDITABLE)
def test_a_pruned_layer_is_as_the_book_says_and_no_other_changes(zoo: Zoo, layer: str) -> None:
    before = state_of(zoo, ONE)
    edited = Editor(zoo).load(Prune(ONE).changed({layer: (0.3, 0.85)}))
    kept = filters = 0
    for name, tensor in edited.classifier.network.state_dict().items():
        expected = before[name].double().numpy()
        if layer_of(name) == layer and tensor.dim() > 1:
            mask = pruning_mask(expected, 0.3, 0.85)
            expected = expected * mask.reshape(-1, *[1] * (tensor.dim() - 1))
            kept, filters = kept + int(mask.sum()), filters + len(mask)
        np.testing.assert_array_equal(tensor.numpy(), expected, err_msg=name)
    active = edited.active()[layer]
    assert (active.kept, active.filters) == (kept, filters)
    assert active.share == kept / filters


def test_what_is_active_is_reported_for_every_layer(zoo: Zoo) -> None:
    editor = Editor(zoo)
    mixed = editor.load(MIXED).active()
    assert {layer: active.alpha for layer, active in mixed.items()} == MIXED.by_layer()
    assert {active.share for active in mixed.values()} == {1.0}
    pruned = editor.load(Prune(ONE).changed({"conv2d0": (0, 0.5), "mixed3b": (1, 1)})).active()
    assert list(pruned) == list(EDITABLE)
    assert (pruned["conv2d0"].kept, pruned["conv2d0"].filters) == (31, 64)  # ranks 1 to 31
    assert pruned["mixed3b"].share == 0
    assert {pruned[layer].share for layer in EDITABLE if layer not in ("conv2d0", "mixed3b")} == {1.0}


def test_untouched_sliders_leave_the_network_itself(zoo: Zoo) -> None:
    base = zoo.load("standard").network.parameters()
    edited = Editor(zoo).load(Prune(ONE)).classifier.network.parameters()
    assert all(one is other for one, other in zip(base, edited, strict=True))


STEPS: list[tuple[Edit, set[str]]] = [
    (MIXED, set(EDITABLE)),
    (MIXED.changed({"mixed3b": 0.77}), {"mixed3b"}),
    (MIXED.changed({"mixed3b": 0.77, "conv2d1": 0.5, "classifier": 0.2}), {"conv2d1", "classifier"}),
    (MIXED.all_from_model2(), set()),
    (PRUNED, set(EDITABLE)),
    (PRUNED.changed({"conv2d0": (0, 0.4)}), {"conv2d0"}),
    (PRUNED.changed({"conv2d0": (0, 1)}), set()),
]


def test_only_touched_layers_are_made_anew(
    zoo: Zoo, picture: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parameters by identity, packed kernels by the calls that lay them out."""
    laid_out: list[object] = []
    lay_out = packed._Kernel._lay_out
    monkeypatch.setattr(
        packed._Kernel, "_lay_out", lambda kernel, x: [laid_out.append(kernel), lay_out(kernel, x)][1]
    )
    for base in (ONE, TWO):
        zoo.load(base.variant).answer(picture)
    editor = Editor(zoo)
    bases = [zoo.load(base.variant).network for base in (ONE, TWO)]
    known = [parameter for network in bases for parameter in network.parameters()]
    for edit, touched in STEPS:
        laid_out.clear()
        edited = editor.load(edit)
        logits(edited, picture)
        parameters = dict(edited.classifier.network.named_parameters())
        old = {id(parameter) for parameter in known}
        new = {name for name, parameter in parameters.items() if id(parameter) not in old}
        assert {layer_of(name) for name in new} == touched
        known += parameters.values()
        # A block is four kernels: the three 1x1 convolutions on its input are one. The classifier has none.
        kernels = sum(4 if layer.startswith("mixed") else layer != "classifier" for layer in touched)
        assert len(laid_out) == (kernels if packed.packable(edited.classifier.network) else 0)


def test_the_packed_path_follows_every_edit(zoo: Zoo, picture: Tensor) -> None:
    editor = Editor(zoo)
    for edit, _ in STEPS:
        classifier = editor.load(edit).classifier
        answer = classifier.answer(picture, "mixed4d")
        with torch.no_grad():
            plain = classifier.network.run(picture * 255 - 117, ["mixed4d"])
        torch.testing.assert_close(answer.logits, plain.logits, rtol=1e-4, atol=1e-4)
        scale = float(plain.taps["mixed4d"].abs().max())
        torch.testing.assert_close(answer.activations, plain.taps["mixed4d"], rtol=1e-4, atol=1e-5 * scale)


def test_a_later_edit_leaves_a_frame_in_flight_and_the_bases_alone(zoo: Zoo, picture: Tensor) -> None:
    editor = Editor(zoo)
    first = editor.load(MIXED)
    before = [logits(first, picture), *(zoo.load(base.variant).answer(picture).logits for base in (ONE, TWO))]
    for edit, _ in STEPS:
        logits(editor.load(edit), picture)
    after = [logits(first, picture), *(zoo.load(base.variant).answer(picture).logits for base in (ONE, TWO))]
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    assert first.edit == MIXED


def test_sessions_in_several_threads_do_not_disturb_each_other(zoo: Zoo, picture: Tensor) -> None:
    editor = Editor(zoo)
    edits = [MIXED.changed({layer: 0.5}) for layer in EDITABLE[:3]] + [PRUNED, MIXED.all_from_model1()]
    expected = [logits(Editor(zoo).load(edit), picture) for edit in edits]

    def use(session: int) -> None:
        for turn in range(8):
            which = (session + turn) % len(edits)
            got = logits(editor.load(edits[which], session), picture)
            torch.testing.assert_close(got, expected[which], rtol=1e-4, atol=1e-4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))


def test_an_unchanged_edit_is_not_made_again_and_memory_is_bounded(zoo: Zoo) -> None:
    editor = Editor(zoo)
    assert editor.load(MIXED, "tab") is editor.load(MIXED.changed({}), "tab")
    alive = []
    for number in range(3 * MAX_SESSIONS):
        edit = MIXED.changed({"conv2d0": number / 100})
        alive += [weakref.ref(editor.load(edit, f"tab {number}")), weakref.ref(editor.load(edit, "one tab"))]
    gc.collect()
    assert sum(reference() is not None for reference in alive) <= MAX_SESSIONS


@pytest.mark.parametrize("edit", [MIXED, PRUNED])
def test_gradients_for_attacks_are_those_of_the_edited_network(zoo: Zoo, picture: Tensor, edit: Edit) -> None:
    with torch.inference_mode():
        classifier = Editor(zoo).load(edit).classifier
        classifier.answer(picture.clone())
    picture = picture.clone().requires_grad_(True)
    answer = classifier.answer(picture).logits
    assert answer is not None
    (gradient,) = torch.autograd.grad(answer[0, 5], picture)
    with torch.no_grad():
        step = 1e-3 * gradient / gradient.abs().max()
        above, below = (classifier.answer(picture + sign * step).logits for sign in (1, -1))
    assert above is not None
    assert below is not None
    torch.testing.assert_close((above - below)[0, 5] / 2, (gradient * step).sum(), rtol=0.02, atol=0)
    assert all(parameter.grad is None for parameter in classifier.network.parameters())


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache for the user's models."""
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path / "cache"))
    catalog.entries.cache_clear()
    yield tmp_path
    catalog.entries.cache_clear()


def test_exported_weights_come_back_as_a_network_of_the_zoo(fresh_cache: Path) -> None:
    zoo = Zoo()
    edited = Editor(zoo).load(PRUNED)
    file = fresh_cache / "edited.safetensors"
    file.write_bytes(edited.to_safetensors())
    store.import_weights(file, "pruned", CLASSES)
    imported = zoo.load("pruned")
    torch.testing.assert_close(
        imported.network.state_dict(), edited.classifier.network.state_dict(), rtol=0, atol=0
    )
    assert imported.classes == edited.classifier.classes
    with safe_open(file, "pt") as content:
        assert read_edit(content.metadata()["edit"]) == PRUNED


def test_networks_of_two_families_are_not_mixed(fresh_cache: Path) -> None:
    zoo = Zoo()
    state = state_of(zoo, ONE)
    last = {name: tensor[:7].clone() for name, tensor in state.items() if name.startswith("softmax2")}
    torch.save({**state, **last}, fresh_cache / "seven.pth")
    store.import_weights(fresh_cache / "seven.pth", "seven")
    complaint = (
        r"mix: expected two networks of one family \(the same classes and input size\), "
        r"got standard \(tiny-imagenet: 200 classes, 128 px\) and seven \(seven: 7 classes, 224 px\)"
    )
    with pytest.raises(FamilyError, match=complaint):
        Editor(zoo).load(Mix(ONE, Base("seven")))
    assert Editor(zoo).load(Prune(Base("seven"))).classifier.input_size == 224


def test_a_base_that_is_replaced_is_noticed(fresh_cache: Path) -> None:
    zoo, editor = Zoo(), None
    for scale in (1.0, 2.0):
        state = {name: tensor * scale for name, tensor in state_of(zoo, ONE).items()}
        torch.save(state, fresh_cache / "mine.pth")
        store.import_weights(fresh_cache / "mine.pth", "mine")
        editor = editor or Editor(zoo)
        edited = editor.load(Prune(Base("mine")).changed({"conv2d0": (0.5, 1)}))
        torch.testing.assert_close(
            edited.classifier.network.softmax2_pre_activation_matmul.bias,
            state["softmax2_pre_activation_matmul.bias"],
        )


def test_an_unknown_base_is_named(zoo: Zoo) -> None:
    with pytest.raises(catalog.UnknownModelError, match=r"variant: expected one of .*other, got 'x'"):
        Editor(zoo).load(Mix(ONE, Base("x")))
