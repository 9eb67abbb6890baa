"""A model file as a shape; trimesh reads GLB, PLY and STL, after what they say of themselves was checked."""

import io
import warnings
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.exchange.load import load

from perturber.uploads import glb, headers
from perturber.uploads.atlas import Part, join
from perturber.uploads.errors import UploadError
from perturber.uploads.materials import to_linear
from perturber.uploads.shape import Shape, check_counts

_CHECKS = {"glb": glb.check, "ply": headers.check_ply, "stl": headers.check_stl}


def read(content: bytes, kind: str, name: str) -> Shape:
    """The shape of a GLB, PLY or STL file, all its parts together, where its scene puts them.

    Raises:
        UploadError: what the checks refuse, or what trimesh can't read.
    """
    _CHECKS[kind](content, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loaded = load(io.BytesIO(content), file_type=kind, process=False, maintain_order=True)
            parts = [_part(mesh, matrix, kind) for mesh, matrix in _meshes(loaded)]
        except UploadError:
            raise
        except MemoryError:
            raise
        except Exception as error:  # whatever a reader says of a broken file
            raise UploadError(f"{name}: expected a whole {kind.upper()} model: {str(error)[:120]}") from None
    if not parts:
        raise UploadError(f"{name}: expected a model with triangles, got none")
    check_counts(sum(len(part.points) for part in parts), sum(len(part.faces) for part in parts), name)
    return join(parts, name)


def _meshes(loaded: Any) -> list[tuple[Any, NDArray[np.float64]]]:
    if isinstance(loaded, trimesh.Trimesh):
        return [(loaded, np.eye(4))]
    if not isinstance(loaded, trimesh.Scene):
        return []
    drawn = []
    for node in loaded.graph.nodes_geometry:
        matrix, geometry = loaded.graph[node]
        mesh = loaded.geometry[geometry]
        if isinstance(mesh, trimesh.Trimesh):
            drawn.append((mesh, np.asarray(matrix, dtype=np.float64)))
    return drawn


def _part(mesh: Any, matrix: NDArray[np.float64], kind: str) -> Part:
    points = np.asarray(mesh.vertices, dtype=np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    faces = np.asarray(mesh.faces, dtype=np.int64)
    if kind == "stl":  # every facet brings its own three points
        points, faces = _shared(points, faces)
    if np.linalg.det(matrix[:3, :3]) < 0:
        faces = faces[:, ::-1]
    normals = None
    if kind != "stl" and "vertex_normals" in mesh._cache:  # only the file's own
        given = np.asarray(mesh.vertex_normals, dtype=np.float64)
        normals = given @ np.linalg.pinv(matrix[:3, :3])
    part = Part(points, faces, normals=normals)
    visual = mesh.visual
    if visual.kind == "vertex":
        colours = np.asarray(visual.vertex_colors, dtype=np.float64)[:, :3] / 255.0
        part.paint = colours if kind == "glb" else to_linear(colours)  # glTF stores linear light
    elif visual.kind == "face":
        colours = to_linear(np.asarray(visual.face_colors, dtype=np.float64)[:, :3] / 255.0)
        part.spread()
        part.paint = np.repeat(colours, 3, axis=0)
    elif visual.kind == "texture":
        _dress(part, visual)
    return part


def _shared(points: NDArray[np.float64], faces: NDArray[np.int64]) -> tuple[Any, Any]:
    known, number = np.unique(points, axis=0, return_inverse=True)
    return known, number.ravel()[faces]


def _dress(part: Part, visual: Any) -> None:
    """Base colour, texture and vertex colours of a glTF material."""
    material = visual.material
    factor = getattr(material, "baseColorFactor", None)
    picture = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    colours = visual.vertex_attributes.get("color") if hasattr(visual, "vertex_attributes") else None
    if factor is not None or (colours is None and picture is None and hasattr(material, "main_color")):
        colour = np.asarray(factor if factor is not None else material.main_color, dtype=np.float64)[:3]
        part.paint = np.tile(colour / (255.0 if colour.max() > 1.0 else 1.0), (len(part.points), 1))
    if colours is not None and len(colours) == len(part.points):
        values = np.asarray(colours, dtype=np.float64)[:, :3]
        values = values / 255.0 if np.asarray(colours).dtype.kind == "u" else values
        part.paint = values if part.paint is None else part.paint * values
    if picture is not None and visual.uv is not None:
        part.uv = np.asarray(visual.uv, dtype=np.float64)
        part.picture = picture
