"""OBJ models; in the parser's process only."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perturber.uploads.errors import UploadError
from perturber.uploads.materials import Material, check_reference, lines_of, text_of, to_linear
from perturber.uploads.shape import NEUTRAL, Shape, check_counts

IGNORED = frozenset(
    b"o g s mg l p vp cstype deg bmat step curv curv2 surf parm trim hole scrv sp end con bevel c_interp "
    b"d_interp lod shadow_obj trace_obj ctech stech maplib usemap".split()
)
MOST_CORNERS = 1000
"""Of one face."""


@dataclass
class _Lines:
    """An OBJ's lines by what they say; faces as their corners' texts with the material in force."""

    points: list[bytes] = field(default_factory=list)
    uv: list[bytes] = field(default_factory=list)
    normals: list[bytes] = field(default_factory=list)
    corners: list[list[bytes]] = field(default_factory=list)
    seen: list[tuple[int, int, int]] = field(default_factory=list)
    materials: list[str] = field(default_factory=list)
    used: list[int] = field(default_factory=list)


def read_object(content: bytes, name: str, materials: Mapping[str, Material]) -> tuple[Shape, dict[str, str]]:
    """The mesh, and the texture names that its materials ask for, by role.

    Raises:
        UploadError: unknown lines, indices of nothing, too much of anything.
    """
    check_counts(1 + content.count(b"\nv "), 1 + content.count(b"\nf "), name, least=0)
    lines = _sort(lines_of(content, name), name)
    check_counts(len(lines.points), len(lines.corners), name)
    points, colours = _points(lines.points, name)
    uv = _numbers(lines.uv, 2, "vt", name) if lines.uv else np.empty((0, 2))
    normals = _numbers(lines.normals, 3, "vn", name) if lines.normals else np.empty((0, 3))
    triangles, material = _triangles(lines, name)
    check_counts(len(points), len(triangles), name)
    counts = (len(points), len(uv), len(normals))
    for column, noun in enumerate(("v", "vt", "vn")):
        _check_range(triangles[..., column], counts[column], noun, name, needed=column == 0)
    faces, rows = _unify(triangles, material, counts)
    has_uv, has_normals = (bool((triangles[..., i] >= 0).all()) for i in (1, 2))
    paint, maps = _paint(rows, colours, lines, materials)
    shape = Shape(
        points=points,
        faces=faces,
        vertex_point=rows[:, 0],
        uv=uv[rows[:, 1]] if has_uv else None,
        normals=normals[rows[:, 2]] if has_normals else None,
        paint=paint,
    )
    return shape, maps


def _sort(lines: list[bytes], name: str) -> _Lines:
    found, material = _Lines(), -1
    points, uv, normals = found.points, found.uv, found.normals
    for number, line in enumerate(lines, 1):
        head = line[:2]  # the four that make up a file of a million lines come first
        if head == b"v ":
            points.append(line[2:])
        elif head == b"vt":
            uv.append(line[3:])
        elif head == b"vn":
            normals.append(line[3:])
        elif head == b"f ":
            found.corners.append(line[2:].split())
            found.seen.append((len(points), len(uv), len(normals)))
            found.used.append(material)
        elif words := line.split():
            if words[0] == b"usemtl":
                found.materials.append(text_of(b" ".join(words[1:])))
                material = len(found.materials) - 1
            elif words[0] == b"mtllib":
                check_reference(line, f"{name}, line {number}")
            elif words[0] not in IGNORED and not words[0].startswith(b"#"):
                raise UploadError(
                    f"{name}, line {number}: expected OBJ's v, vt, vn, f, ..., got {text_of(line[:40])!r}"
                )
    return found


def _points(lines: list[bytes], name: str) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Positions (P, 3), and colours (P, 3) in linear light where every vertex line carries one."""
    width = len(lines[0].split())
    if width in (6, 7):
        table = _numbers(lines, width, "v", name)
        return table[:, :3], to_linear(table[:, 3:6])
    return _numbers(lines, 3, "v", name), None


def _numbers(lines: list[bytes], width: int, noun: str, name: str) -> NDArray[np.float64]:
    """The first `width` numbers of each line."""
    flat = _parsed(b" ".join(lines))
    if flat is not None and len(flat) == width * len(lines):
        return flat.reshape(-1, width)
    rows = [line.split()[:width] for line in lines]
    short = next((row for row in rows if len(row) < width), None)
    flat = None if short is not None else _parsed(b" ".join(number for row in rows for number in row))
    if flat is None or len(flat) != width * len(lines):
        example = b" ".join(short or rows[0])[:40]
        raise UploadError(
            f"{name}: expected {width} numbers after {noun} in every line, got e.g. {text_of(example)!r}"
        )
    return flat.reshape(-1, width)


def _parsed(text: bytes) -> NDArray[np.float64] | None:
    """All numbers of `text`, None where there is anything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # how numpy says that it stopped early
        try:
            return np.fromstring(text, dtype=np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            return None


def _triangles(lines: _Lines, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Corners (T, 3, 3): numbers of point, texture place and normal from 0 (-1: none), and materials (T,)."""
    sizes = np.array([len(corners) for corners in lines.corners])
    if sizes.min() < 3 or sizes.max() > MOST_CORNERS:
        wrong = int(sizes.min() if sizes.min() < 3 else sizes.max())
        raise UploadError(f"{name}: expected faces of 3 to {MOST_CORNERS:,} corners, got {wrong:,}")
    check_counts(1, int((sizes - 2).sum()), name)
    numbers = _corner_numbers([text for corners in lines.corners for text in corners], name)
    relative = numbers < 0
    numbers = np.where(relative, numbers + np.repeat(np.array(lines.seen), sizes, axis=0), numbers - 1)
    numbers[relative & (numbers < 0)] = np.iinfo(np.int32).min  # before the first: refused by its range
    face = np.repeat(np.arange(len(sizes)), sizes - 2)
    first = (np.cumsum(sizes) - sizes)[face]
    second = first + 1 + np.arange(len(face)) - np.repeat(np.cumsum(sizes - 2) - (sizes - 2), sizes - 2)
    return numbers[np.column_stack([first, second, second + 1])], np.array(lines.used)[face]


def _corner_numbers(texts: list[bytes], name: str) -> NDArray[np.int64]:
    """As the file writes them, (N, 3), 0 where one is left out."""
    text = b" ".join(texts)
    count, slashes, doubled = len(texts), text.count(b"/"), text.count(b"//")
    width = 1 + slashes // count
    mixed = slashes % count or width > 3 or doubled not in (0, count)
    if mixed or any(corner.count(b"/") != width - 1 for corner in texts):
        return _mixed_corner_numbers(texts, name)
    flat = _parsed(text.replace(b"//", b" 0 ").replace(b"/", b" "))
    if flat is None or len(flat) != width * count or (flat % 1).any() or np.abs(flat).max() > 2**31:
        return _mixed_corner_numbers(texts, name)
    numbers = np.zeros((count, 3), np.int64)
    numbers[:, :width] = flat.reshape(count, width)
    return _checked_corners(numbers, name)


def _mixed_corner_numbers(texts: list[bytes], name: str) -> NDArray[np.int64]:
    try:
        parts = [text.split(b"/") for text in texts]
        if any(len(part) > 3 for part in parts):
            raise ValueError("too many slashes")
        rows = [[int(number) if number else 0 for number in part] + [0] * (3 - len(part)) for part in parts]
        return _checked_corners(np.array(rows, dtype=np.int64), name)
    except (ValueError, OverflowError) as error:
        raise UploadError(
            f"{name}: expected faces such as 'f 1/1/1 2/2/2 3/3/3': {str(error)[:80]}"
        ) from None


def _checked_corners(numbers: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    if not numbers[:, 0].all():
        raise UploadError(f"{name}: expected vertices counted from 1, got a face of vertex 0")
    return numbers


def _check_range(numbers: NDArray[np.int64], count: int, noun: str, name: str, *, needed: bool) -> None:
    low, high = int(numbers.min()), int(numbers.max())
    if high >= count or low < (0 if needed else -1):
        wrong = "one before the first" if low < -1 else f"{high + 1:,}"
        raise UploadError(f"{name}: expected faces of the {count:,} {noun} lines, got {wrong}")


def _unify(
    triangles: NDArray[np.int64], material: NDArray[np.int64], counts: tuple[int, int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Faces (T, 3) and their vertices' rows (V, 4): point, texture place, normal, material."""
    flat = np.column_stack([triangles.reshape(-1, 3), np.repeat(material, 3)])
    key = flat[:, 0]
    for column, count in ((1, counts[1]), (2, counts[2]), (3, int(material.max()) + 1)):
        key = np.unique(key * (count + 1) + flat[:, column] + 1, return_inverse=True)[1].ravel()
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return inverse.reshape(-1, 3), flat[first]


def _paint(
    rows: NDArray[np.int64],
    colours: NDArray[np.float64] | None,
    lines: _Lines,
    materials: Mapping[str, Material],
) -> tuple[NDArray[np.float64] | None, dict[str, str]]:
    """Linear colours (V, 3) of the vertices, None where nothing says one, and the maps asked for."""
    used = [materials.get(name) for name in lines.materials]
    maps: dict[str, str] = {}
    for material in used:
        for role, file in material.maps.items() if material else ():
            if maps.setdefault(role, file) != file:
                raise UploadError(
                    f"expected one {role} texture for the whole model, got {maps[role]}, {file}"
                )
    if colours is not None:
        return colours[rows[:, 0]], maps
    if not any(material and material.colour for material in used):
        return None, maps
    palette = np.full((len(used) + 1, 3), NEUTRAL)
    for index, material in enumerate(used):
        if material and material.maps:
            palette[index] = 1.0  # its texture has the colour
        elif material and material.colour:
            palette[index] = to_linear(np.array(material.colour))
    return palette[rows[:, 3]], maps
