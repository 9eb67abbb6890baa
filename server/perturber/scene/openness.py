"""How much each vertex of an object sees past the object itself: `python -m perturber.scene.openness FOLDER`.

Ambient occlusion by rendered depth: the object is seen orthographically from many directions, and a vertex is
lit from those where nothing lies before it (Landis 2002, "Production-Ready Global Illumination"). Baked once
into `mesh.npz`, as it doesn't depend on the view.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perturber.scene import catalog
from perturber.scene.assets import MorphMesh, read_object
from perturber.scene.gl import SHADERS, Canvas, Program
from perturber.scene.morph_object import upload_mesh
from perturber.scene.opengl import GL, ShaderProgramCache, create_context, delete_context

DIRECTIONS = 256
RESOLUTION = 512
BIAS = 0.015
"""Object radii between a vertex and what may hide it: a surface must not hide itself."""

Array = NDArray[np.float64]


def measure(mesh: MorphMesh) -> NDArray[np.float32]:
    """The openness (2, V) of `mesh` at its start and at its end, in [0, 1].

    Raises:
        RenderError: no off-screen OpenGL.
    """
    context = create_context()
    try:
        program = Program(ShaderProgramCache(str(SHADERS)), "object.vert", "coverage.frag")
        primitive = upload_mesh(mesh)
        shares = np.array([_measure_end(mesh, end, program, primitive) for end in (0, 1)])
    finally:
        delete_context(context)
    return shares.astype(np.float32)


def _measure_end(mesh: MorphMesh, end: int, program: Program, primitive: Any) -> Array:
    positions, normals = (array[end].astype(np.float64) for array in (mesh.positions, mesh.normals))
    extent = float(np.linalg.norm(positions, axis=1).max()) * 1.02
    seen, possible = np.zeros(len(positions)), np.zeros(len(positions))
    for direction in sphere_directions(DIRECTIONS):
        world_to_clip = look_along(direction, extent)
        with Canvas(RESOLUTION, RESOLUTION) as canvas:
            GL.glEnable(GL.GL_DEPTH_TEST)
            program.use({"world_to_clip": world_to_clip, "shape": float(end)})
            primitive._bind()
            GL.glDrawElements(GL.GL_TRIANGLES, mesh.faces.size, GL.GL_UNSIGNED_INT, None)
            depth = canvas.read_depth()
        weight = np.maximum(normals @ direction, 0.0)
        possible += weight
        seen += weight * _unhidden(positions + BIAS * normals, world_to_clip, depth, extent)
    return seen / np.maximum(possible, 1e-9)


def sphere_directions(count: int) -> Array:
    """Evenly spread unit vectors (count, 3): a Fibonacci lattice."""
    index = np.arange(count) + 0.5
    height, turn = 1.0 - 2.0 * index / count, np.pi * (1.0 + 5.0**0.5) * index
    flat = np.sqrt(1.0 - height**2)
    return np.stack([flat * np.cos(turn), height, flat * np.sin(turn)], axis=1)


def look_along(direction: Array, extent: float) -> Array:
    """World to clip space (4, 4) of an orthographic view from `direction`, `extent` to each side."""
    beside = np.cross(direction, (0.0, 0.0, 1.0) if abs(direction[1]) > 0.9 else (0.0, 1.0, 0.0))
    beside /= np.linalg.norm(beside)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([beside, np.cross(direction, beside), -direction]) / extent
    return matrix


def _unhidden(
    points: Array, world_to_clip: Array, depth: NDArray[np.float32], extent: float
) -> NDArray[np.bool_]:
    clip = points @ world_to_clip[:3, :3].T
    column, row = np.clip(((clip[:, :2].T * 0.5 + 0.5) * RESOLUTION).astype(int), 0, RESOLUTION - 1)
    nearest = depth[row, column] * 2.0 - 1.0
    return np.asarray(clip[:, 2] <= nearest + BIAS / extent)


def main(arguments: list[str] | None = None) -> None:
    """Measure the openness of the object in a folder and write it into its `mesh.npz`."""
    parser = argparse.ArgumentParser(prog="python -m perturber.scene.openness", description=__doc__)
    parser.add_argument("folder", type=Path, help="the object's folder, such as assets/objects/dog-cat")
    folder = parser.parse_args(arguments).folder.resolve()
    mesh = read_object(catalog.objects(folder.parents[1])[folder.name])
    openness = measure(replace(mesh, openness=np.ones_like(mesh.openness)))
    path = folder / "mesh.npz"
    with np.load(path) as archive:
        arrays = {**archive, "openness": openness.astype(np.float16)}
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    main()
