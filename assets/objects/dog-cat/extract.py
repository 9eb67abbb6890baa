"""The Pharaoh hound of dm_control, out of its wheel: one closed skin with bone weights.

The `.skn` file (a MuJoCo skin) holds four int32 counts, float32 positions and texture coordinates, int32
faces, then per bone: name[40], position, quaternion, vertex count, vertex ids, weights.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

PACKAGE = "dm_control==1.0.50"
SKIN = "dm_control/suite/dog_assets/dog_skin.skn"
_MAXIMUM_CORNERS_OF_A_SCRAP = 4  # the mouth's inside is mapped as loose quads with placeholder coordinates


@dataclass(frozen=True)
class Skin:
    """A skin in metres, x to the animal's left, y up, z forward.

    `positions` (P,3) are welded; a vertex of the texture layout is one of them seen from one chart: `weld`
    (V,) gives its position, `uv` (V,2) its place, `chart` (V,) its chart. `faces` (F,3) index vertices.
    `weights` (P,B) sum to 1 over the `bones`.
    """

    positions: np.ndarray
    weld: np.ndarray
    uv: np.ndarray
    chart: np.ndarray
    faces: np.ndarray
    weights: np.ndarray
    bones: tuple[str, ...]

    def weight(self, *names: str) -> np.ndarray:
        """Summed weight (P,) of the named bones; a name ending in `*` stands for all that begin so."""
        chosen = [
            any(bone == n or (n[-1] == "*" and bone.startswith(n[:-1])) for n in names) for bone in self.bones
        ]
        return self.weights[:, chosen].sum(axis=1)

    def keep(self, wanted: np.ndarray) -> "Skin":
        """The skin with only the faces where `wanted` (F,) is true, without orphaned vertices."""
        faces = self.faces[wanted]
        used, faces = np.unique(faces, return_inverse=True)
        places, weld = np.unique(self.weld[used], return_inverse=True)
        return Skin(
            self.positions[places],
            weld,
            self.uv[used],
            self.chart[used],
            faces.reshape(-1, 3),
            self.weights[places],
            self.bones,
        )


def wheel() -> bytes:
    """The pinned wheel's bytes, through pip (its cache or the package index)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
        return next(Path(folder).glob("*.whl")).read_bytes()


def read_skin(archive: bytes) -> Skin:
    """The dog's outer skin from the wheel, the mouth's inside cut away along the lips' margin."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        skin = _parse(opened.read(SKIN))
    corners = np.bincount(skin.chart)[skin.chart[skin.faces[:, 0]]]
    outside = skin.keep(corners > _MAXIMUM_CORNERS_OF_A_SCRAP)
    pieces = _components(outside.weld[outside.faces], len(outside.positions))
    largest = np.bincount(pieces).argmax()
    return outside.keep(pieces[outside.weld[outside.faces[:, 0]]] == largest)


def _parse(data: bytes) -> Skin:
    vertices, coordinates, triangles, bones = np.frombuffer(data, "<i4", 4)
    offset = 16

    def take(kind: str, *shape: int) -> np.ndarray:
        nonlocal offset
        values = np.frombuffer(data, kind, int(np.prod(shape)), offset).reshape(shape)
        offset += values.nbytes
        return values

    points, uv, faces = take("<f4", vertices, 3), take("<f4", coordinates, 2), take("<i4", triangles, 3)
    welded, weld = np.unique(points.astype(float)[:, [1, 2, 0]], axis=0, return_inverse=True)
    weights = np.zeros((len(welded), bones))
    names = []
    for bone in range(bones):
        names.append(take("S40", 1)[0].split(b"\0")[0].decode())
        take("<f4", 7)
        count = int(take("<i4", 1)[0])
        ids = take("<i4", count)
        weights[weld[ids], bone] = take("<f4", count)
    weights /= weights.sum(axis=1, keepdims=True)
    return Skin(welded, weld, uv.astype(float), _components(faces, vertices), faces, weights, tuple(names))


def _components(faces: np.ndarray, count: int) -> np.ndarray:
    edges = np.concatenate([faces[:, :2], faces[:, 1:]])
    graph = coo_matrix((np.ones(len(edges)), edges.T), shape=(count, count))
    return connected_components(graph, directed=False)[1]
