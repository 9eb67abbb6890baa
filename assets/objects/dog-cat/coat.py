"""The ground of both coats: what a painter knows at every texel, the hair's direction, the fur's grain."""

from dataclasses import dataclass

import numpy as np
from extract import Skin
from noise import fractal, strands, tufts
from surface import bump, relax, smoothstep, vertex_normals

INNER_EARS = (42, 49)
NOSE, LINING = 45, 59


@dataclass(frozen=True)
class Surface:
    """Attributes of N texels of one animal.

    `rest` (N,3) is the place on the hound with its mouth closed (both coats use it to name a body part),
    `shape` (N,3) the place on this animal, `flow` (N,3) the unit direction of its hair, all in metres;
    `openness` (N,) is ambient light, `lip` (N,) metres from the lips' line; `chart` (N,) and `tail` (N,) as
    named; `parts` maps part names to weights (N,).
    """

    rest: np.ndarray
    shape: np.ndarray
    normal: np.ndarray
    flow: np.ndarray
    openness: np.ndarray
    lip: np.ndarray
    chart: np.ndarray
    tail: np.ndarray
    parts: dict[str, np.ndarray]


PARTS = {
    "head": ("skull", "jaw"),
    "jaw": ("jaw",),
    "neck": ("C_*",),
    "torso": ("torso", "L_*", "pelvis", "scapula_*"),
    "thigh": ("upper_leg_*",),
    "shank": ("lower_leg_*",),
    "upper_arm": ("upper_arm_*",),
    "fore_leg": ("lower_arm_*", "hand_*", "finger_*"),
    "hind_foot": ("foot_*", "toe_*"),
    "toes": ("finger_*", "toe_*"),
    "tail": ("Ca_*",),
}


def hair_flow(skin: Skin, positions: np.ndarray, ears: np.ndarray, nose: np.ndarray) -> np.ndarray:
    """Unit tangents (P,3): from the nose over head and back, down the legs, to the tips of ears and tail."""
    faces = skin.weld[skin.faces]
    normals = vertex_normals(positions, faces)
    head, tail = skin.weight(*PARTS["head"]), skin.weight("Ca_*")
    legs = skin.weight(
        "lower_arm_*", "hand_*", "finger_*", "lower_leg_*", "foot_*", "toe_*", "upper_arm_*", "upper_leg_*"
    )
    back = np.array([0.0, -0.35, -1.0])
    from_nose = positions - nose
    from_nose /= np.linalg.norm(from_nose, axis=1, keepdims=True)
    x = np.sign(positions[:, :1]) * np.array([0.35, 1.0, -0.1])
    x[:, 1:] = [1.0, -0.1]
    flow = back + head[:, None] * (from_nose - back) + legs[:, None] * (np.array([0, -1.0, -0.25]) - back)
    flow += ears[:, None] * (x - flow)
    trail = _down_the_tail(skin, positions)
    flow += tail[:, None] * (trail - flow)
    for _ in range(3):
        flow -= normals * (flow * normals).sum(axis=1, keepdims=True)
        flow /= np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-6)
        flow = relax(faces, flow, np.full(len(flow), 0.5), 4)
    flow -= normals * (flow * normals).sum(axis=1, keepdims=True)
    return flow / np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-6)


def _down_the_tail(skin: Skin, positions: np.ndarray) -> np.ndarray:
    """The tail's direction (P,3) by finite differences of its bones' centres."""
    names = [f"Ca_{k}" for k in range(1, 22)]
    weights = np.column_stack([skin.weight(name) for name in names])
    centres = (weights.T @ positions) / weights.sum(axis=0)[:, None]
    return weights @ np.gradient(centres, axis=0) * 40 + 1e-9


def fur(surface: Surface, body: float, head: float, seed: int) -> np.ndarray:
    """Grain (N,) about zero: fine hairs and tufts of two sizes; shorter on the head and the feet."""
    short = np.clip(surface.parts["head"] + surface.parts["toes"] + 0.5 * surface.parts["fore_leg"], 0, 1)
    return short * _grain(surface, head, seed) + (1 - short) * _grain(surface, body, seed + 40)


def _grain(surface: Surface, width: float, seed: int) -> np.ndarray:
    p, flow = surface.shape, surface.flow
    fine = strands(p, flow, width, width * 14, seed)
    small = tufts(p, flow, width * 2.0, width * 18, seed + 10)
    large = tufts(p, flow, width * 4.0, width * 32, seed + 20)
    return 0.7 * fine + 0.5 * small + 0.35 * large


def wander(surface: Surface, cell: float, seed: int) -> np.ndarray:
    """A soft irregularity (N,) of about ±1 for the edges of markings."""
    return fractal(surface.shape, cell, seed)


def mix(under: np.ndarray, colour: tuple[int, int, int], amount: np.ndarray) -> np.ndarray:
    """`colour` painted over `under` (N,3) with opacity `amount` (N,)."""
    return under + (np.array(colour, float) - under) * np.clip(amount, 0, 1)[:, None]


def nostrils(surface: Surface) -> np.ndarray:
    """1 (N,) inside the nostrils."""
    return smoothstep(0.25, 0.75, bump(surface.rest, (0.0098, 0.6665, 0.4615), 0.0052)) * (
        surface.chart == NOSE
    )


def finish(surface: Surface, colour: np.ndarray, grain: np.ndarray, depth: float) -> np.ndarray:
    """The coat with its grain and its soft ambient occlusion. The nose's leather has no hair."""
    hair = depth * np.where(surface.chart == NOSE, 0.2, 1.0) * np.clip(grain, -1.9, 2.2)
    shade = (0.62 + 0.38 * smoothstep(0.0, 0.85, surface.openness)) * (1 + hair)
    warmth = np.column_stack([1 - 0.10 * hair, np.ones_like(hair), 1 + 0.16 * hair])
    colour = colour * shade[:, None] * warmth
    colour[surface.chart == LINING] = (22, 15, 14)
    return colour
