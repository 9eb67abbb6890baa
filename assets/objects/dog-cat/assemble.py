"""The mesh that is drawn: the skin without eye sockets, a dark lining that seals the lips, two eyeballs."""

from dataclasses import dataclass

import numpy as np
from coat import LINING
from extract import Skin
from eyes import SOCKETS, Eye, cap, cap_disc, cap_faces
from layout import pack
from mouth import lining
from surface import vertex_normals

FIRST_EYE = 60
_EYE_DISC = 0.032  # radius of an eyeball's disc before packing


@dataclass(frozen=True)
class Mesh:
    """Topology and texture layout of both animals.

    `faces` (F,3) index vertices: first those on the skin's positions `place` (S,), then the eyeballs' caps.
    `uv` (V,2) has v upwards; `chart` (V,) names charts. The first `body_faces` triangles are the skin's, the
    next, up to `eye_faces`, the lining's.
    """

    faces: np.ndarray
    uv: np.ndarray
    chart: np.ndarray
    place: np.ndarray
    body_faces: int
    eye_faces: int

    @property
    def skin_triangles(self) -> np.ndarray:
        """The skin's triangles (F,3) as positions' indices."""
        return self.place[self.faces[: self.body_faces]]

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Per-position `values` (P,) or (P,K) at the mesh's vertices, zero on the eyeballs."""
        rest = len(self.uv) - len(self.place)
        return np.concatenate([values[self.place], np.zeros((rest, *values.shape[1:]))])

    def disc(self) -> np.ndarray:
        """Places (V,2) on an eyeball's texture disc, zero on the skin."""
        return np.concatenate([np.zeros((len(self.place), 2)), cap_disc(), cap_disc()])


def assemble(skin: Skin) -> Mesh:
    """The common topology and layout."""
    seal, seal_faces, seal_uv = lining(skin)
    disc = cap_disc() * _EYE_DISC
    body = skin.faces[~np.isin(skin.chart[skin.faces[:, 0]], list(SOCKETS.values()))]
    first = len(skin.weld)
    eye = first + len(seal)
    faces = np.concatenate([body, first + seal_faces, eye + cap_faces(), eye + len(disc) + cap_faces()])
    uv = np.concatenate([skin.uv * [1, -1], seal_uv, disc, disc])
    chart = np.repeat([LINING, FIRST_EYE, FIRST_EYE + 1], [len(seal), len(disc), len(disc)])
    chart = np.concatenate([skin.chart, chart])
    used, faces = np.unique(faces, return_inverse=True)
    faces, chart = faces.reshape(-1, 3), chart[used]
    place = np.concatenate([skin.weld, seal])[used[used < eye]]
    return Mesh(faces, pack(uv[used], chart, faces), chart, place, len(body), len(body) + len(seal_faces))


def vertices(mesh: Mesh, shape: np.ndarray, eyes: dict[str, Eye]) -> tuple[np.ndarray, np.ndarray]:
    """Positions and unit normals (V,3) of one animal."""
    balls = [cap(eyes[side]) for side in SOCKETS]
    positions = np.concatenate([shape[mesh.place], *[ball[0] for ball in balls]])
    normals = vertex_normals(shape, mesh.skin_triangles)[mesh.place]
    normals[mesh.chart[: len(mesh.place)] == LINING] = [0.0, -1.0, 0.0]
    return positions, np.concatenate([normals, *[ball[1] for ball in balls]])
