"""Paintings and textures of no thing, made by formula: the styles that style transfer gives to pictures."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from perturber.training import fields
from perturber.training.data import TILE

Colours = NDArray[np.float64]
"""(..., 3), RGB in [0, 255]."""
_FINE = 2 * TILE
"""Strokes are drawn at twice the size and scaled down: no stairs along their edges."""


def paintings(count: int, seed: int) -> Tensor:
    """Paintings (count, 3, 64, 64) uint8, of all `KINDS` in turn; the same for the same seed.

    Those of another seed are others, and the first of many are the same as those of few.
    """
    images = np.empty((count, TILE, TILE, 3), np.uint8)
    for number in range(count):
        random = np.random.default_rng((seed, number))
        images[number] = list(KINDS.values())[number % len(KINDS)](random)
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()


def _coloured(field: fields.Maker) -> "Painter":
    def paint(random: np.random.Generator) -> NDArray[np.uint8]:
        palette = _palette(random, int(random.integers(2, 7)))
        values = field(random, TILE)
        places = np.linspace(0, 1, len(palette))
        if random.random() < 0.25:  # flat colours, without transitions
            values = places[np.minimum((values * len(palette)).astype(int), len(palette) - 1)]
        channels = [np.interp(values, places, palette[:, channel]) for channel in range(3)]
        return _finished(random, np.stack(channels, 2))

    return paint


def strokes(random: np.random.Generator) -> NDArray[np.uint8]:
    """Brush strokes along a field of directions, the broad ones below the fine ones."""
    palette = _palette(random, int(random.integers(3, 9)))
    canvas, draw = _canvas(palette)
    direction = 2 * np.pi * random.uniform(0.3, 1.5) * fields.noise(random, _FINE)
    tone = fields.noise(random, _FINE)
    broad, fine = random.uniform(8, 20), random.uniform(2, 6)
    for width in np.linspace(broad, fine, int(random.integers(250, 500))):
        x, y = random.integers(0, _FINE, 2)
        angle = direction[y, x] + random.normal() * 0.15
        reach = width * random.uniform(1, 3)
        across, down = reach * np.cos(angle), reach * np.sin(angle)
        place = np.clip(tone[y, x] + random.normal() * 0.1, 0, 0.999) * len(palette)
        colour = palette[int(place)] + random.normal(size=3) * 12
        draw.line((x - across, y - down, x + across, y + down), fill=_rgb(colour), width=round(width))
    return _finished(random, _shrunk(canvas))


def hatching(random: np.random.Generator) -> NDArray[np.uint8]:
    """Pen or chalk: layers of thin lines, each layer in one direction."""
    palette = _palette(random, int(random.integers(2, 5)))
    canvas, draw = _canvas(palette)
    for colour in palette[1:]:
        angle, width = random.uniform(0, np.pi), int(random.integers(2, 6))
        across, down = np.cos(angle), np.sin(angle)
        for offset in np.arange(-_FINE, _FINE, random.uniform(4, 14)):
            x, y = _FINE / 2 - down * offset, _FINE / 2 + across * offset
            start, end = random.uniform(-1, -0.2) * _FINE, random.uniform(0.2, 1) * _FINE
            tilt = random.normal() * 4
            line = (x + start * across, y + start * down, x + end * across + tilt, y + end * down + tilt)
            draw.line(line, fill=_rgb(colour + random.normal(size=3) * 10), width=width)
    return _finished(random, _shrunk(canvas))


def dots(random: np.random.Generator) -> NDArray[np.uint8]:
    """Pointillism: overlapping dots whose colours follow a cloud."""
    palette = _palette(random, int(random.integers(3, 9)))
    canvas, draw = _canvas(palette)
    tone = fields.noise(random, _FINE)
    largest = random.uniform(3, 12)
    for _ in range(int(random.integers(300, 900))):
        x, y = random.integers(0, _FINE, 2)
        radius = random.uniform(0.4, 1) * largest
        place = np.clip(tone[y, x] + random.normal() * 0.2, 0, 0.999) * len(palette)
        colour = palette[int(place)]
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_rgb(colour))
    return _finished(random, _shrunk(canvas))


def scribbles(random: np.random.Generator) -> NDArray[np.uint8]:
    """Long wandering lines, dripped over the canvas."""
    palette = _palette(random, int(random.integers(2, 7)))
    canvas, draw = _canvas(palette)
    for _ in range(int(random.integers(20, 60))):
        turns = random.normal(size=40).cumsum() * random.uniform(0.1, 0.6)
        steps = random.uniform(3, 9) * np.stack([np.cos(turns), np.sin(turns)], 1)
        points = random.uniform(0, _FINE, 2) + steps.cumsum(0)
        colour = palette[random.integers(len(palette))]
        draw.line([(x, y) for x, y in points], fill=_rgb(colour), width=int(random.integers(2, 9)))
    return _finished(random, _shrunk(canvas))


Painter = Callable[[np.random.Generator], NDArray[np.uint8]]
"""Random numbers to a picture (64, 64, 3)."""

KINDS: Mapping[str, Painter] = {
    "strokes": strokes,
    "noise": _coloured(fields.noise),
    "stripes": _coloured(fields.stripes),
    "cells": _coloured(fields.cells),
    "hatching": hatching,
    "marble": _coloured(fields.marble),
    "spots": _coloured(fields.spots),
    "dots": dots,
    "facets": _coloured(fields.facets),
    "rings": _coloured(fields.rings),
    "swirls": _coloured(fields.swirls),
    "scribbles": scribbles,
    "checks": _coloured(fields.checks),
}


def _palette(random: np.random.Generator, count: int) -> Colours:
    """Colours (count, 3) that go together: hues within an arc, all lightnesses, grey to pure."""
    hues = random.random() + random.choice([0.08, 0.3, 1]) * random.random(count)
    angles = 2 * np.pi * (hues[:, None] + np.array([0, 1 / 3, 2 / 3]))
    saturation = random.uniform(0.1, 1) * random.uniform(0.5, 1, (count, 1))
    lightness = (
        random.permutation(np.linspace(0.1, 0.9, count))[:, None] + random.normal(size=(count, 1)) / 15
    )
    chroma = saturation * np.minimum(lightness, 1 - lightness) * 1.2
    return np.asarray(255 * (lightness + chroma * np.cos(angles)).clip(0, 1))


def _canvas(palette: Colours) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    canvas = Image.new("RGB", (_FINE, _FINE), _rgb(palette[0]))
    return canvas, ImageDraw.Draw(canvas)


def _rgb(colour: Colours) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in colour.clip(0, 255))
    return red, green, blue


def _shrunk(canvas: Image.Image) -> Colours:
    return np.asarray(canvas.resize((TILE, TILE), Image.Resampling.BOX), np.float64)


def _finished(random: np.random.Generator, colours: Colours) -> NDArray[np.uint8]:
    """With a grain in half of all pictures, as of canvas or paper, and as bytes."""
    if random.random() < 0.5:
        colours = colours + random.uniform(2, 18) * random.normal(size=(TILE, TILE, 1))
    return colours.round().clip(0, 255).astype(np.uint8)
