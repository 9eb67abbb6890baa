"""A fine-tuned network in two or three megabytes: its quantised differences from the one it started as.

Fine-tuning moves the weights by a few percent, so a coarse grid of differences does what a fine grid of
weights does. In the file every weight `NAME` is two tensors: `NAME.steps`, float32, the grid's step of each
output channel; and `NAME.codes`, uint8, a raw deflate stream of one signed byte a weight: the difference in
steps, row by row. Huffman's code makes that 2 to 5 bits. Biases are few and stand there whole, as float16.
"""

import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from perturber.nets.weights import ModelError

MAX_CODE = 127
_CODES, _STEPS = ".codes", ".steps"
_RAW_DEFLATE = -15  # zlib's name for a stream without header and checksum: the file has a checksum


def pack(state: Mapping[str, Tensor], base: Mapping[str, Tensor], coarseness: float) -> dict[str, Tensor]:
    """The tensors of a file from which `unpack` makes `state` again, nearly.

    `coarseness` is the step in units of the root mean square difference of its output channel: uniform
    quantisation errs by about coarseness / sqrt(12) of the difference; 0.25 takes 4 bits a weight, 1.0 two.
    `state` and `base` have the same names and shapes.
    """
    packed: dict[str, Tensor] = {}
    for name, start in base.items():
        if start.dim() < 2:
            packed[name] = state[name].half()
            continue
        difference = (state[name].float() - start.float()).flatten(1).cpu()
        wanted = coarseness * difference.square().mean(1).sqrt()
        # Wide enough that the greatest difference has a code. A channel that didn't move has a step of 0.
        steps = torch.maximum(wanted, difference.abs().amax(1) / MAX_CODE)
        codes = (difference / steps.clamp_min(torch.finfo(torch.float32).tiny)[:, None]).round()
        packed[name + _STEPS] = steps
        packed[name + _CODES] = _compressed(codes.clamp(-MAX_CODE, MAX_CODE).to(torch.int8))
    return packed


def unpack(packed: Mapping[str, Tensor], base: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """The network, float32, of a file's tensors and of the network it started as.

    Raises:
        ModelError: a tensor is missing, unknown, of another type or shape; steps that are negative, NaN or
            infinite; codes that end early, go on too long or can't be decompressed. `source` names the file.
    """
    expected = {part for name, start in base.items() for part in _parts(name, start)}
    for name in sorted(expected - packed.keys()):
        raise ModelError(f"{source}: expected a tensor {name}, got none of that name")
    for name in sorted(packed.keys() - expected):
        raise ModelError(f"{source}: expected only differences of known weights, got {name[:80]!r}")
    with ThreadPoolExecutor() as threads:  # zlib lets other threads work
        made = threads.map(lambda name: _unpacked(packed, name, base[name], source), base)
        return dict(zip(base, made, strict=True))


def _unpacked(packed: Mapping[str, Tensor], name: str, start: Tensor, source: str) -> Tensor:
    if start.dim() < 2:
        return _whole(packed[name], start, f"{source}: {name}")
    steps = _checked_steps(packed[name + _STEPS], len(start), f"{source}: {name + _STEPS}")
    codes = _decompressed(packed[name + _CODES], start.numel(), f"{source}: {name + _CODES}")
    # Into the base's memory layout while it is a byte each.
    codes = torch.empty_like(start, dtype=torch.int8).copy_(codes.view(start.shape))
    steps = steps.to(start.device).view(-1, *[1] * (start.dim() - 1))
    return codes.float().mul_(steps).add_(start)


def _parts(name: str, start: Tensor) -> tuple[str, ...]:
    return (name,) if start.dim() < 2 else (name + _STEPS, name + _CODES)


def _whole(values: Tensor, start: Tensor, source: str) -> Tensor:
    if values.shape != start.shape or not values.is_floating_point():
        got = f"{tuple(values.shape)} of {values.dtype}"
        raise ModelError(f"{source}: expected {tuple(start.shape)} floating-point values, got {got}")
    return values.to(start.device, torch.float32)


def _checked_steps(steps: Tensor, channels: int, source: str) -> Tensor:
    if steps.shape != (channels,) or steps.dtype != torch.float32:
        got = f"{tuple(steps.shape)} of {steps.dtype}"
        raise ModelError(f"{source}: expected ({channels},) float32 steps, got {got}")
    if not bool(steps.isfinite().all()) or bool((steps < 0).any()):
        raise ModelError(f"{source}: expected finite steps of 0 or more, got others")
    return steps


def _compressed(codes: Tensor) -> Tensor:
    # The codes are noise to which no earlier stretch is alike: only their frequencies can be used.
    stream = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE, 9, zlib.Z_HUFFMAN_ONLY)
    content = stream.compress(codes.numpy().tobytes()) + stream.flush()
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def _decompressed(codes: Tensor, count: int, source: str) -> Tensor:
    """`count` codes, int8. Never holds more than that of a stream that would give more."""
    if codes.dim() != 1 or codes.dtype != torch.uint8:
        raise ModelError(f"{source}: expected a vector of bytes, got {tuple(codes.shape)} of {codes.dtype}")
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        content = stream.decompress(codes.numpy().tobytes(), count + 1)
    except zlib.error as error:
        raise ModelError(f"{source}: expected a deflate stream, got: {error}") from error
    if len(content) != count or not stream.eof or stream.unused_data:
        got = "more" if len(content) > count or stream.unused_data else f"{len(content)} and no end"
        raise ModelError(f"{source}: expected {count} codes and nothing after, got {got}")
    return torch.frombuffer(bytearray(content), dtype=torch.int8)
