"""Ambient occlusion against solid angles."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from perturber.scene import catalog, openness
from perturber.scene.assets import MorphMesh, Surface, read_object

from .synthetic import ball, write_object


def mesh_of(shape: trimesh.Trimesh) -> MorphMesh:
    """`shape` at both ends."""
    positions = np.stack([shape.vertices] * 2).astype(np.float32)
    normals = np.stack([shape.vertex_normals] * 2).astype(np.float32)
    count = len(shape.vertices)
    return MorphMesh(
        faces=shape.faces.astype(np.uint32),
        uv=np.zeros((count, 2), np.float32),
        positions=positions,
        normals=normals,
        focus=np.zeros((2, 3), np.float32),
        textures=(np.zeros((2, 2, 3), np.uint8),) * 2,
        surfaces=(Surface(), Surface()),
        openness=np.ones((2, count), np.float32),
    )


def test_a_sphere_hides_nothing_from_itself() -> None:
    shape = trimesh.creation.icosphere(subdivisions=3, radius=0.9)
    np.testing.assert_allclose(openness.measure(mesh_of(shape)), 1.0, atol=0.02)


def test_a_wall_hides_its_form_factor_from_the_floor() -> None:
    """A floor at distance a from a long wall of height h: 1/2 (1 - a / sqrt(a^2 + h^2)) is hidden."""
    floor = trimesh.creation.box((4.0, 0.02, 4.0)).subdivide_to_size(0.5)
    wall = trimesh.creation.box((12.0, 3.0, 0.02)).apply_translation((0.0, 1.5, 0.0))
    seen = openness.measure(mesh_of(trimesh.util.concatenate([floor, wall])))[0]
    middle = (floor.vertex_normals[:, 1] > 0.9) & (np.abs(floor.vertices[:, 0]) < 0.3)
    for distance in (0.5, 1.0, 1.5):
        there = np.flatnonzero(middle & (np.abs(np.abs(floor.vertices[:, 2]) - distance) < 1e-3))
        hidden = 0.5 * (1 - distance / np.hypot(distance, 3.0))
        assert seen[there].mean() == pytest.approx(1 - hidden, abs=0.03)


def test_inside_a_box_nothing_is_seen() -> None:
    outside = trimesh.creation.box((1.8, 1.8, 1.8))
    inside = trimesh.creation.icosphere(subdivisions=2, radius=0.3)
    seen = openness.measure(mesh_of(trimesh.util.concatenate([outside, inside])))
    np.testing.assert_array_equal(seen[:, len(outside.vertices) :], 0.0)


def test_the_command_writes_it_into_the_mesh(tmp_path: Path) -> None:
    grey = np.full((4, 4, 3), 128)
    folder = write_object(tmp_path, "ball", ball(), [grey, grey])
    openness.main([str(folder)])
    mesh = read_object(catalog.objects(tmp_path)["ball"])
    assert mesh.openness.shape == (2, len(mesh.uv))
    assert mesh.openness[0].mean() > 0.97
