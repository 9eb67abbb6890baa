"""Geometry on a triangle mesh: normals, the Laplacian, smooth displacements, soft steps."""

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import splu


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high` (or the other way round if low > high), a soft cubic between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(points: np.ndarray, centre: tuple[float, float, float], radius: float) -> np.ndarray:
    """A Gaussian bump (N,) around `centre`, mirrored in x."""
    mirrored = np.column_stack([np.abs(points[:, 0]), points[:, 1:]])
    return np.exp(-(((mirrored - centre) / radius) ** 2).sum(axis=1))


def face_normals(positions: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Normals (F,3), as long as twice the triangle's area."""
    a, b, c = positions[faces].transpose(1, 0, 2)
    return np.cross(b - a, c - a)


def vertex_normals(positions: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals (P,3), weighted by each triangle's angle at the vertex (Thürmer and Wüthrich 1998)."""
    normal = face_normals(positions, faces)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    total = np.zeros_like(positions)
    for corner in range(3):
        here = positions[faces[:, corner]]
        one, other = (positions[faces[:, (corner + step) % 3]] - here for step in (1, 2))
        cosine = (one * other).sum(axis=1) / np.maximum(
            np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1), 1e-20
        )
        np.add.at(total, faces[:, corner], normal * np.arccos(np.clip(cosine, -1, 1))[:, None])
    return total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-20)


def laplacian(faces: np.ndarray, count: int) -> csr_matrix:
    """The graph Laplacian (P,P), each row divided by its degree: `L @ p` = p - mean of the neighbours."""
    edges = np.unique(np.sort(np.concatenate([faces[:, :2], faces[:, 1:], faces[:, [2, 0]]]), axis=1), axis=0)
    both = np.concatenate([edges, edges[:, ::-1]])
    adjacency = coo_matrix((np.ones(len(both)), both.T), shape=(count, count)).tocsr()
    degree = np.maximum(np.asarray(adjacency.sum(axis=1)).ravel(), 1)
    return csr_matrix(diags(np.ones(count)) - diags(1 / degree) @ adjacency)


def spread(faces: np.ndarray, count: int, held: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The smoothest displacement (P,3) that equals `values` (H,3) at the vertices `held` (H,): biharmonic."""
    step = laplacian(faces, count)
    energy = (step.T @ step).tocsr()
    free = np.setdiff1d(np.arange(count), held)
    result = np.zeros((count, 3))
    result[held] = values
    result[free] = splu(energy[free][:, free].tocsc()).solve(-(energy[free][:, held] @ values))
    return result


def relax(faces: np.ndarray, values: np.ndarray, amount: np.ndarray, rounds: int) -> np.ndarray:
    """`values` (P,K) averaged with their neighbours, `amount` (P,) from 0 (kept) to 1."""
    step = laplacian(faces, len(values))
    for _ in range(rounds):
        values = values - amount[:, None] * (step @ values)
    return values


def fair(faces: np.ndarray, positions: np.ndarray, free: np.ndarray) -> np.ndarray:
    """`positions` (P,3) where the vertices that are `free` (P,) take the smoothest place the others allow."""
    held = np.flatnonzero(~free)
    return spread(faces, len(positions), held, positions[held])
