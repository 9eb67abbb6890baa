"""Small objects and backgrounds with known answers, and the folders they live in."""

import json
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

SIZE = 96


def encode(linear: NDArray) -> NDArray:
    """sRGB values in [0, 255] of linear light in [0, 1] (IEC 61966-2-1)."""
    return 255.0 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def decode(encoded: NDArray) -> NDArray:
    """Linear light in [0, 1] of sRGB values in [0, 255] (IEC 61966-2-1)."""
    value = encoded / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def panorama_directions(height: int) -> NDArray:
    """World directions (H, 2 H, 3) of an equirectangular picture whose centre column lies at -z."""
    latitude = np.pi / 2 - np.pi * (np.arange(height) + 0.5) / height
    longitude = 2 * np.pi * (np.arange(2 * height) + 0.5) / (2 * height) - np.pi
    latitude, longitude = np.meshgrid(latitude, longitude, indexing="ij")
    flat = np.cos(latitude)
    return np.stack([flat * np.sin(longitude), np.sin(latitude), -flat * np.cos(longitude)], -1)


def write_object(
    folder: Path, name: str, mesh: dict[str, NDArray], textures: list[NDArray], **more: object
) -> Path:
    """An object pair as `docs` and the catalog describe it; returns its folder."""
    home = folder / "objects" / name
    home.mkdir(parents=True)
    np.savez(home / "mesh.npz", **mesh)
    for end, texture in zip(("start", "end"), textures, strict=True):
        Image.fromarray(texture.astype(np.uint8)).save(home / f"{end}.webp", lossless=True, exact=True)
    description = {"label": name, "from": "Start", "to": "End", "morph": "Endness", **more}
    (home / "object.json").write_text(json.dumps(description))
    return home


def write_backgrounds(folder: Path, panoramas: dict[str, NDArray]) -> None:
    """The panoramas under `backgrounds/` and the list of them."""
    home = folder / "backgrounds"
    home.mkdir(parents=True)
    rows = [{"name": name, "label": name, "file": f"{name}.webp"} for name in panoramas]
    for name, pixels in panoramas.items():
        Image.fromarray(pixels.astype(np.uint8)).save(home / f"{name}.webp", lossless=True, exact=True)
    (home / "backgrounds.json").write_text(json.dumps(rows))


def quad(start: NDArray, end: NDArray) -> dict[str, NDArray]:
    """A rectangle facing +z between two corners (2, 3) at the start, and between two others at the end."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    place = [np.array([[box[x][0], box[y][1], box[0][2]] for x, y in corners]) for box in (start, end)]
    facing = np.tile([0.0, 0.0, 1.0], (4, 1)).astype(np.float32)
    return {
        "faces": np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        "uv": np.array(corners, np.float32),
        "start_positions": place[0].astype(np.float32),
        "end_positions": place[1].astype(np.float32),
        "start_normals": facing,
        "end_normals": facing,
    }


def ball() -> dict[str, NDArray]:
    """A sphere that grows into a tall ellipsoid."""
    sphere = trimesh.creation.uv_sphere(radius=0.8, count=[24, 24])
    corners = sphere.vertices.astype(np.float32)
    stretched = corners * np.float32([0.7, 1.25, 0.7]) + np.float32([0.0, 0.2, 0.0])
    normals = corners / np.linalg.norm(corners, axis=1, keepdims=True)
    turn = np.arctan2(normals[:, 0], normals[:, 2]) / (2 * np.pi) + 0.5
    return {
        "faces": sphere.faces.astype(np.uint32),
        "uv": np.stack([turn, normals[:, 1] * 0.5 + 0.5], 1).astype(np.float32),
        "start_positions": corners,
        "end_positions": stretched,
        "start_normals": normals,
        "end_normals": normals,
    }


def stripes(period: int, colours: tuple[tuple[int, int, int], tuple[int, int, int]]) -> NDArray:
    """A texture (64, 64, 3) of two colours in turn."""
    columns = (np.arange(64) // period) % 2
    return np.array(colours)[columns][None].repeat(64, 0)


PLATE_START = np.array([[-0.9, -0.3, 0.0], [-0.3, 0.3, 0.0]])
PLATE_END = np.array([[0.1, -0.1, -0.5], [0.9, 0.5, -0.5]])
GREYS = np.arange(256).reshape(16, 16).repeat(16, 0).repeat(16, 1)
