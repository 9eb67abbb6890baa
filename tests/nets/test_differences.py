"""Packed differences: how much they lose, and what broken ones are answered with."""

import math
import time
import zlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from perturber.nets import catalog
from perturber.nets.differences import MAX_CODE, pack, unpack
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo

SHAPE = (6, 40, 3, 3)
LIMIT_S = 0.3


@pytest.fixture
def base() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    return {
        "conv.weight": torch.randn(SHAPE, generator=generator),
        "conv.bias": torch.randn(6, generator=generator),
    }


@pytest.fixture
def trained(base: dict[str, Tensor]) -> dict[str, Tensor]:
    """Moved by normal noise, a thousand times as far in the last channel; the first channel stayed."""
    generator = torch.Generator().manual_seed(1)
    scale = torch.tensor([0, 1e-3, 1e-3, 1e-2, 1e-1, 1.0])[:, None, None, None]
    moved = base["conv.weight"] + scale * torch.randn(SHAPE, generator=generator)
    return {"conv.weight": moved, "conv.bias": (base["conv.bias"] + 1).half()}


@pytest.mark.parametrize("coarseness", [0.1, 0.25, 0.5])
def test_every_channel_errs_by_the_step_of_a_uniform_grid(
    base: dict[str, Tensor], trained: dict[str, Tensor], coarseness: float
) -> None:
    """The rounding error of a grid of step s is uniform: its root mean square is s / sqrt(12)."""
    unpacked = unpack(pack(trained, base, coarseness), base, "file")
    error, change = (
        (state["conv.weight"] - trained["conv.weight"]).flatten(1).square().mean(1).sqrt()
        for state in (unpacked, base)
    )
    share = error[1:] / change[1:]
    torch.testing.assert_close(share, torch.full((5,), coarseness / math.sqrt(12)), rtol=0.15, atol=0)
    assert torch.equal(unpacked["conv.weight"][0], base["conv.weight"][0])
    assert torch.equal(unpacked["conv.bias"], trained["conv.bias"].float())


def test_a_lone_outlier_is_kept(base: dict[str, Tensor]) -> None:
    moved = {name: values.clone() for name, values in base.items()}
    moved["conv.weight"][2, 7, 1, 1] += 5.0
    unpacked = unpack(pack(moved, base, 0.25), base, "file")
    step = 5.0 / MAX_CODE
    torch.testing.assert_close(unpacked["conv.weight"], moved["conv.weight"], rtol=0, atol=step / 2)


def test_gaussian_changes_take_about_the_bits_of_their_entropy() -> None:
    """The entropy of a Gaussian on a grid of step s is log2(sqrt(2 pi e) / s) bits."""
    shape = (8, 20_000)
    start = {"weight": torch.zeros(shape)}
    moved = {"weight": torch.randn(shape, generator=torch.Generator().manual_seed(2))}
    for coarseness in (0.25, 0.5):
        bits = 8 * len(save(pack(moved, start, coarseness))) / math.prod(shape)
        entropy = math.log2(math.sqrt(2 * math.pi * math.e) / coarseness)
        assert entropy < bits < 1.1 * entropy


def deflated(*codes: int, count: int = math.prod(SHAPE)) -> Tensor:
    stream = zlib.compressobj(wbits=-15)
    content = stream.compress(bytes(codes) * count) + stream.flush()
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("conv.weight.steps", None, "expected a tensor conv.weight.steps, got none"),
        ("conv.weight.codes", None, "expected a tensor conv.weight.codes, got none"),
        ("conv.bias", None, "expected a tensor conv.bias, got none"),
        ("other", torch.zeros(1), "expected only differences of known weights, got 'other'"),
        ("conv.weight", torch.zeros(SHAPE), "expected only differences of known weights, got 'conv.weight'"),
        ("conv.weight.steps", torch.full((6,), math.nan), "finite steps of 0 or more"),
        ("conv.weight.steps", torch.full((6,), math.inf), "finite steps of 0 or more"),
        ("conv.weight.steps", torch.full((6,), -1.0), "finite steps of 0 or more"),
        ("conv.weight.steps", torch.ones(5), r"expected \(6,\) float32 steps, got \(5,\)"),
        ("conv.weight.steps", torch.ones(6, 1), r"expected \(6,\) float32 steps, got \(6, 1\)"),
        ("conv.weight.steps", torch.ones(6).double(), "got .* of torch.float64"),
        ("conv.weight.codes", torch.ones(9), "expected a vector of bytes, got .* of torch.float32"),
        (
            "conv.weight.codes",
            torch.ones((2, 2), dtype=torch.uint8),
            r"expected a vector of bytes, got \(2, 2\)",
        ),
        ("conv.weight.codes", torch.full((9,), 255, dtype=torch.uint8), "expected a deflate stream, got"),
        ("conv.weight.codes", torch.zeros(0, dtype=torch.uint8), "expected 2160 codes .* got 0 and no end"),
        ("conv.weight.codes", deflated(1, count=100), "expected 2160 codes .* got 100"),
        ("conv.weight.codes", deflated(1)[:-1], "and no end"),
        ("conv.weight.codes", deflated(1, count=50_000_000), "expected 2160 codes .* got more"),
        ("conv.weight.codes", torch.cat([deflated(1), deflated(1)]), "got more"),
        ("conv.bias", torch.zeros(7), r"expected \(6,\) floating-point values, got \(7,\)"),
        ("conv.bias", torch.zeros(6, dtype=torch.int32), "floating-point values, got .* of torch.int32"),
    ],
)
def test_broken_differences_are_refused_in_words(
    base: dict[str, Tensor], trained: dict[str, Tensor], name: str, value: Tensor | None, complaint: str
) -> None:
    packed = pack(trained, base, 0.25)
    if value is None:
        del packed[name]
    else:
        packed[name] = value
    with pytest.raises(ModelError, match=f"^file: .*{complaint}"):
        unpack(packed, base, "file")


def test_codes_and_steps_are_what_the_file_says(base: dict[str, Tensor], trained: dict[str, Tensor]) -> None:
    """Whoever reads the format without this program: signed bytes times step are added."""
    packed = pack(trained, base, 0.5)
    raw = zlib.decompress(packed["conv.weight.codes"].numpy().tobytes(), -15)
    codes = torch.frombuffer(bytearray(raw), dtype=torch.int8).reshape(6, -1).float()
    by_hand = codes * packed["conv.weight.steps"][:, None] + base["conv.weight"].flatten(1)
    unpacked = unpack(packed, base, "file")["conv.weight"].flatten(1)
    torch.testing.assert_close(unpacked, by_hand)
    assert codes.abs().max() <= MAX_CODE


def fine_tuned() -> list[catalog.ModelEntry]:
    return [entry for entry in catalog.entries() if entry.base is not None]


def test_bundled_differences_load_in_less_than_the_limit() -> None:
    """Checksum, decompression, verification, building: processor time, which other programs don't change."""
    entry = fine_tuned()[0]
    seconds = []
    for _ in range(3):
        zoo = Zoo("cpu")
        zoo.load(str(entry.base))
        start = time.process_time()
        zoo.load(entry.variant, entry.checkpoint)
        seconds.append(time.process_time() - start)
    assert min(seconds) < LIMIT_S


def test_the_base_is_read_once_for_all_its_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    read_bytes = Path.read_bytes

    def counting(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counting)
    zoo = Zoo("cpu")
    for entry in fine_tuned():
        zoo.load(entry.variant, entry.checkpoint)
    standard = catalog.find(str(fine_tuned()[0].base)).file
    assert read.count(standard) == 1


def test_a_fine_tuning_starts_as_the_very_network_that_it_is_a_difference_from() -> None:
    zoo = Zoo("cpu")
    for variant, base in {(entry.variant, str(entry.base)) for entry in fine_tuned()}:
        assert zoo.load(variant, 1) is zoo.load(base)
