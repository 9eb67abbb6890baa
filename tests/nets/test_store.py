"""Fetching and importing over a real HTTP server: what is good is kept, what fails leaves no trace."""

import contextlib
import functools
import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from perturber import paths
from perturber.nets import catalog, store
from perturber.nets.classes import read_classes
from perturber.nets.inception import InceptionV1
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo

State = dict[str, Tensor]
LAST = "softmax2_pre_activation_matmul"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; `truncated.pth` announces twice what it sends."""

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        if self.path != "/truncated.pth":
            with contextlib.suppress(ConnectionError):  # a client may have had enough
                super().do_GET()
            return
        content = Path(self.directory, "truncated.pth").read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(2 * len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address where a server on this machine offers it."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache for the user's models."""
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path / "cache"))
    catalog.entries.cache_clear()
    yield tmp_path / "cache" / "models"
    catalog.entries.cache_clear()


@pytest.fixture
def state(random_network: InceptionV1) -> State:
    return dict(random_network.state_dict())


def small(state: State, classes: int = 7) -> State:
    """`state` with a last layer of `classes` outputs."""
    return state | {f"{LAST}.{end}": state[f"{LAST}.{end}"][:classes].clone() for end in ("weight", "bias")}


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_fetched_weights_answer_as_the_published_family(
    site: tuple[Path, str], state: State, cache: Path
) -> None:
    folder, address = site
    torch.save(state, folder / "inception5h.pth")
    seen: list[tuple[int, int | None]] = []
    entry = store.fetch_imagenet(lambda *step: seen.append(step), f"{address}/inception5h.pth")
    size = (folder / "inception5h.pth").stat().st_size
    assert seen[-1] == (size, size)
    assert [step[0] for step in seen] == sorted({step[0] for step in seen})
    assert kept(cache) == [
        "checksums.json",
        "imagenet-classes.tsv",
        "imagenet-standard.safetensors",
        "manifest.json",
    ]
    assert (entry.family, entry.input_size, entry.num_classes) == ("imagenet", 224, 1008)
    classifier = Zoo().load(entry.variant)
    assert classifier.classes[1] == ("n02119789", "kit fox")
    assert classifier.classes[0] is None
    assert classifier.classes[1001] is None
    torch.testing.assert_close(classifier.network.state_dict(), state, rtol=0, atol=0)


def broken(state: State, fault: str) -> object:
    """What a server could send instead of good weights."""
    first, last = "conv2d0_pre_relu_conv.weight", f"{LAST}.bias"
    return {
        "NaN": lambda: state | {first: state[first] * float("nan")},
        "infinite": lambda: state | {last: state[last] / 0},
        "shape": lambda: state | {first: state[first].transpose(0, 1)},
        "missing": lambda: {name: tensor for name, tensor in state.items() if name != first},
        "additional": lambda: state | {"extra": torch.zeros(1)},
        "integer": lambda: state | {last: state[last].int()},
        "outputs": lambda: small(state),
        "list": lambda: list(state.values()),
        "text": lambda: state | {"epoch": "3"},
    }[fault]()


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("NaN", "conv2d0_pre_relu_conv.weight: expected finite values"),
        ("infinite", "softmax2_pre_activation_matmul.bias: expected finite values"),
        ("shape", r"expected shape \(64, 3, 7, 7\), got \(3, 64, 7, 7\)"),
        ("missing", "expected a tensor conv2d0_pre_relu_conv.weight, got none"),
        ("additional", "expected only Inception V1's parameters, got 'extra'"),
        ("integer", "expected floating-point values, got torch.int32"),
        ("outputs", r"expected shape \(1008,.*got \(7,"),
        ("list", "expected tensors by name, got list"),
        ("text", "expected tensors by name, got 'epoch': str"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_not_kept(
    site: tuple[Path, str], state: State, cache: Path, fault: str, complaint: str
) -> None:
    folder, address = site
    torch.save(broken(state, fault), folder / "weights.pth")
    with pytest.raises(ModelError, match=complaint):
        store.fetch_imagenet(url=f"{address}/weights.pth")
    assert kept(cache) == []


@pytest.mark.parametrize("content", [None, b"<html>not found</html>", b""])
def test_files_that_are_no_weights_are_refused_and_not_kept(
    site: tuple[Path, str], state: State, cache: Path, content: bytes | None
) -> None:
    folder, address = site
    torch.save(state, folder / "weights.pth")
    whole = (folder / "weights.pth").read_bytes()
    (folder / "weights.pth").write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ModelError, match="expected safetensors or tensors saved by torch"):
        store.fetch_imagenet(url=f"{address}/weights.pth")
    assert kept(cache) == []


@pytest.mark.parametrize(("name", "complaint"), [("truncated.pth", "broke off"), ("absent.pth", "404")])
def test_a_download_that_fails_leaves_nothing(
    site: tuple[Path, str], state: State, cache: Path, name: str, complaint: str
) -> None:
    folder, address = site
    torch.save(state, folder / "truncated.pth")
    with pytest.raises(ModelError, match=complaint):
        store.fetch_imagenet(url=f"{address}/{name}")
    assert kept(cache) == []


def test_an_unreachable_server_is_named(cache: Path) -> None:
    with pytest.raises(ModelError, match=r"http://127.0.0.1:9/x: expected a download"):
        store.fetch_imagenet(url="http://127.0.0.1:9/x")
    assert kept(cache) == []


def test_a_file_too_large_is_not_taken(
    site: tuple[Path, str], state: State, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = site
    torch.save(state, folder / "weights.pth")
    monkeypatch.setattr("perturber.nets.download.MAX_BYTES", 1000)
    with pytest.raises(ModelError, match="expected at most 1000 bytes"):
        store.fetch_imagenet(url=f"{address}/weights.pth")
    assert kept(cache) == []


def test_another_file_at_the_same_address_is_refused_and_the_first_stays(
    site: tuple[Path, str], state: State, cache: Path
) -> None:
    folder, address = site
    torch.save(state, folder / "weights.pth")
    store.fetch_imagenet(url=f"{address}/weights.pth")
    before = {name: (cache / name).read_bytes() for name in kept(cache)}
    torch.save(state | {f"{LAST}.bias": torch.zeros(1008)}, folder / "weights.pth")
    with pytest.raises(ModelError, match=r"expected SHA-256 .* as at first"):
        store.fetch_imagenet(url=f"{address}/weights.pth")
    assert {name: (cache / name).read_bytes() for name in kept(cache)} == before


class Malicious:
    """A pickle that runs a command where it is read carelessly."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.witness}",)


def test_a_pickle_that_runs_code_is_refused_unrun(tmp_path: Path, state: State, cache: Path) -> None:
    torch.save(state | {"bias": Malicious(tmp_path / "witness")}, tmp_path / "weights.pth")
    with pytest.raises(ModelError, match="expected safetensors or tensors saved by torch"):
        store.import_weights(tmp_path / "weights.pth", "mine")
    assert not (tmp_path / "witness").exists()
    assert kept(cache) == []


@pytest.mark.parametrize("suffix", ["pth", "pt", "safetensors"])
def test_imported_weights_of_any_class_count_answer(tmp_path: Path, state: State, suffix: str) -> None:
    file = tmp_path / f"weights.{suffix}"
    (save_file if suffix == "safetensors" else torch.save)(small(state), file)
    (tmp_path / "classes.tsv").write_text("".join(f"n{index}\tname {index}\n" for index in range(7)))
    entry = store.import_weights(file, "mine", tmp_path / "classes.tsv")
    assert (entry.family, entry.num_classes, entry.licence) == ("mine", 7, "not stated")
    classifier = Zoo().load("mine")
    logits = classifier.answer(torch.rand(1, 3, 32, 32)).logits
    assert logits is not None
    assert {row["class"] for row in classifier.top(logits[0], 10)} == {f"name {index}" for index in range(7)}


def test_without_a_class_list_1008_outputs_are_imagenet_and_others_have_numbers(
    tmp_path: Path, state: State
) -> None:
    torch.save(state, tmp_path / "a.pth")
    torch.save(small(state), tmp_path / "b.pth")
    assert store.import_weights(tmp_path / "a.pth", "tuned").family == "imagenet"
    store.import_weights(tmp_path / "b.pth", "mine")
    assert Zoo().load("tuned").classes[1000] == ("n03255030", "dumbbell")
    assert Zoo().load("mine").classes[6] == ("", "class 6")
    assert list(catalog.variants())[-2:] == ["tuned", "mine"]


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(small(state), tmp_path / "weights.pth")
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path / "weights.pth"))
    with pytest.raises(ModelError, match=r"weights\.pth/models: expected a folder that can be written"):
        store.import_weights(tmp_path / "weights.pth", "mine")


def test_a_network_of_an_existing_family_takes_its_input_size_and_classes(
    tmp_path: Path, state: State, cache: Path
) -> None:
    torch.save(small(state, 200), tmp_path / "weights.pth")
    entry = store.import_weights(tmp_path / "weights.pth", "mine", family="tiny-imagenet")
    assert (entry.family, entry.input_size, entry.num_classes) == ("tiny-imagenet", 128, 200)
    zoo = Zoo()
    assert zoo.load("mine").classes == zoo.load("standard").classes
    torch.save(small(state), tmp_path / "b.pth")
    store.import_weights(tmp_path / "b.pth", "seven")
    store.import_weights(tmp_path / "b.pth", "seven-too", family="seven")
    before = {name: (cache / name).read_bytes() for name in kept(cache)}
    for arguments, complaint in [
        (("other", None, "tiny-imagenet"), r"expected 200 outputs \(family tiny-imagenet\), got 7"),
        (("other", None, "imagenette"), "family: expected one of tiny-imagenet, seven, got 'imagenette'"),
        (("other", tmp_path / "c.tsv", "seven"), "classes: expected none with a family"),
        (("seven",), "name: expected one that is no family, got 'seven', the one of seven-too"),
    ]:
        with pytest.raises(ModelError, match=complaint):
            store.import_weights(tmp_path / "b.pth", *arguments)
    assert {name: (cache / name).read_bytes() for name in kept(cache)} == before


def test_a_second_import_of_a_name_replaces_the_first(tmp_path: Path, state: State) -> None:
    for count in (5, 9):
        torch.save(small(state, count), tmp_path / "weights.pth")
        store.import_weights(tmp_path / "weights.pth", "mine")
    assert [entry.num_classes for entry in catalog.entries() if entry.variant == "mine"] == [9]
    assert len(Zoo().load("mine").classes) == 9


@pytest.mark.parametrize(
    "name", ["", "../x", "A", "a" * 41, "a/b", "a\n", "standard", "tiny-imagenet", "imagenet"]
)
def test_names_that_are_no_names_or_taken_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="name: expected"):
        store.import_weights(tmp_path / "weights.pth", name)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("a\tb\n", "expected 7 lines, got 1"),
        ("0\ta\tb\n7\ta\tb\n", "line 2: expected indices below 7"),
        ("0\ta\tb\n0\ta\tb\n", "line 2: expected indices below 7, each once, got 0"),
        ("word\n" * 7, "line 1: expected index<TAB>wnid<TAB>name"),
    ],
)
def test_class_lists_that_do_not_fit_are_refused(
    tmp_path: Path, state: State, cache: Path, lines: str, complaint: str
) -> None:
    torch.save(small(state), tmp_path / "weights.pth")
    (tmp_path / "classes.tsv").write_text(lines)
    with pytest.raises(ModelError, match=complaint):
        store.import_weights(tmp_path / "weights.pth", "mine", tmp_path / "classes.tsv")
    assert kept(cache) == []


def test_weights_altered_in_the_cache_are_noticed(tmp_path: Path, state: State, cache: Path) -> None:
    torch.save(small(state), tmp_path / "weights.pth")
    store.import_weights(tmp_path / "weights.pth", "mine")
    file = cache / "mine.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"mine.safetensors: expected SHA-256 .*, got "):
        Zoo().load("mine")
    file.unlink()
    with pytest.raises(ModelError, match="expected a weight file, got No such file"):
        Zoo().load("mine")


def test_the_bundled_class_list_is_of_the_published_outputs() -> None:
    classes = read_classes(paths.MODELS / "imagenet-classes.tsv", 1008)
    assert [index for index, name in enumerate(classes) if name is None] == [0, *range(1001, 1008)]
