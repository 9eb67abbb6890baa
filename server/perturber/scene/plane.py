"""A picture as an object: an upright square that stands on the ground and shows the picture on both sides."""

import numpy as np

from perturber.scene.assets import MorphMesh, Surface
from perturber.scene.view import Plane

HALF_SIDE = 0.7
"""In radii, the length that camera distance and pan count in: at the default distance most of the picture."""

_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))
_PAPER = Surface(specular=0.0, shininess=18.0)


def plane_mesh(plane: Plane) -> MorphMesh:
    """The square facing +z around the origin; both shapes and both textures are the same."""
    uv = np.array(_CORNERS, np.float32)
    square = np.column_stack([(2.0 * uv - 1.0) * HALF_SIDE, np.zeros(4)]).astype(np.float32)
    pixels = np.frombuffer(plane.pixels, np.uint8).reshape(plane.size, plane.size, 3)
    return MorphMesh(
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        uv=uv,
        positions=np.stack([square, square]),
        normals=np.tile(np.array([0.0, 0.0, 1.0], np.float32), (2, 4, 1)),
        focus=np.zeros((2, 3), np.float32),
        textures=(pixels, pixels),
        surfaces=(_PAPER, _PAPER),
        openness=np.ones((2, 4), np.float32),
        two_sided=True,
    )
