"""Contact sheets of all objects, and how often the standard network recognises them.

    make sheets

Writes `docs/scene/<object>-morph.webp` (8 yaw angles x 5 morph steps), `docs/scene/<object>-backgrounds.webp`
(both ends on every background), `docs/scene/recognition.md` (top five over the thesis's seven yaw angles),
`docs/scene/effects.webp` (every ready effect) and `docs/scene/featvis.webp` (a feature visualization turned).
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from perturber.memo import Memo
from perturber.parameters import SceneState
from perturber.scene import catalog
from perturber.scene.effect.library import SNIPPETS
from perturber.studio import Studio, StudioSettings

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "scene"
TILE = 160
MORPHS = (0.0, 0.25, 0.5, 0.75, 1.0)
YAWS = tuple(range(-180, 180, 45))
THESIS_YAWS = tuple(np.linspace(-70, 70, 7).round(1).tolist())
"""Thesis, 7.3.1: from -70 to 70 degrees in seven steps."""

HOMES = {"dog-cat": "lawn", "truck-racecar": "street"}

CLASSES = {
    "dog": {
        "n02106662": "German shepherd",
        "n02099712": "Labrador retriever",
        "n02099601": "golden retriever",
        "n02094433": "Yorkshire terrier",
        "n02085620": "Chihuahua",
        "n02113799": "standard poodle",
    },
    "cat": {"n02124075": "Egyptian cat", "n02123045": "tabby", "n02123394": "Persian cat"},
    "wheeled vehicle": {
        "n04146614": "school bus",
        "n04285008": "sports car",
        "n03796401": "moving van",
        "n03977966": "police van",
        "n04465501": "tractor",
        "n03670208": "limousine",
        "n03100240": "convertible",
        "n03444034": "go-kart",
        "n02814533": "beach wagon",
        "n04487081": "trolleybus",
    },
}

EXPECTED = {
    ("dog-cat", 0.0): "dog",
    ("dog-cat", 1.0): "cat",
    ("truck-racecar", 0.0): "wheeled vehicle",
    ("truck-racecar", 1.0): "wheeled vehicle",
}


def main() -> int:
    """Write everything; 1 if an object is recognised from fewer than six of the seven angles."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Studio(StudioSettings(device="cpu", picture_size=224)) as studio:
        for name in catalog.objects():
            home = {"scene.object": name, "scene.background": HOMES[name]}
            morphs = [[home | {"camera.yaw": yaw, "morph.overall": m} for yaw in YAWS] for m in MORPHS]
            backgrounds = [
                [home | {"scene.background": place, "morph.overall": m} for place in catalog.backgrounds()]
                for m in (0.0, 1.0)
            ]
            sheet(studio, morphs, FOLDER / f"{name}-morph.webp")
            sheet(studio, backgrounds, FOLDER / f"{name}-backgrounds.webp")
        effects_and_planes(studio)
        page, worst = recognition(studio)
    (FOLDER / "recognition.md").write_text(page, encoding="utf-8")
    print(page)
    return 0 if worst >= 6 else 1


def effects_and_planes(studio: Studio) -> None:
    """Sheets of the ready effects, and of the thesis's figure 5.10."""
    values = {"contrast": 0.8, "gamma": 0.75}  # where they start they change nothing
    shown = [
        {"post.custom": snippet.text, "post.custom_value": values.get(snippet.name, snippet.value)}
        for snippet in SNIPPETS
    ]
    sheet(studio, [shown[:4], shown[4:]], FOLDER / "effects.webp")
    plane = {"scene.featvis": "mixed4a:222", "camera.pitch": 0.0}
    poses = ({"camera.yaw": 0.0}, {"camera.yaw": 0.0, "camera.roll": 60.0}, {"camera.yaw": 45.0})
    lit_and_blurred = {"camera.yaw": -30.0, "camera.pitch": 15.0, "scene.texture_blur": 0.5}
    sheet(studio, [[plane | pose for pose in (*poses, lit_and_blurred)]], FOLDER / "featvis.webp")


def sheet(studio: Studio, rows: list[list[dict[str, object]]], file: Path) -> None:
    """Render the states row by row into one picture."""
    drawn = [[tile(studio, patch) for patch in row] for row in rows]
    whole = np.concatenate([np.concatenate(row, 1) for row in drawn], 0)
    Image.fromarray(whole).save(file, quality=85)
    print(file, flush=True)


def tile(studio: Studio, patch: dict[str, object]) -> np.ndarray:
    """One small picture, `(TILE, TILE, 3)`."""
    patch = patch | {"view.activations": False, "view.predictions": False}
    picture = studio.make(SceneState.default().changed(patch), 1, Memo()).picture
    return np.asarray(Image.fromarray(picture).resize((TILE, TILE), Image.Resampling.LANCZOS))


def recognition(studio: Studio) -> tuple[str, int]:
    """A Markdown page with the hits and the first class of every view; the fewest hits of any object."""
    lines = [
        "# Recognition\n",
        "Made by `make sheets`. Each object on its home background, otherwise in the default view: has the",
        "standard network one of the object's classes among its top five, and what comes first?\n",
        "| object | hits of 7 | " + " | ".join(f"{yaw:g}°" for yaw in THESIS_YAWS) + " |",
        "|---|---|" + "---|" * len(THESIS_YAWS),
    ]
    fewest = len(THESIS_YAWS)
    for (name, morph), kind in EXPECTED.items():
        tops = [top_five(studio, name, morph, yaw) for yaw in THESIS_YAWS]
        hits = [any(row["wnid"] in CLASSES[kind] for row in top) for top in tops]
        pair = catalog.objects()[name]
        firsts = [top[0]["class"].split(",")[0] for top in tops]
        cells = [f"{'yes' if hit else 'no'}: {first}" for hit, first in zip(hits, firsts, strict=True)]
        title = f"{pair.end if morph else pair.start} ({kind})"
        lines.append(f"| {title} | {sum(hits)} | " + " | ".join(cells) + " |")
        fewest = min(fewest, sum(hits))
    return "\n".join(lines) + "\n", fewest


def top_five(studio: Studio, name: str, morph: float, yaw: float) -> list[dict[str, str]]:
    """The standard network's top five for one view."""
    patch = {
        "scene.object": name,
        "scene.background": HOMES[name],
        "morph.overall": morph,
        "camera.yaw": yaw,
        "model2.enabled": False,
    }
    top = studio.make(SceneState.default().changed(patch), 1, Memo()).models["model1"].top
    assert top is not None
    return [{"wnid": row["wnid"], "class": row["class"]} for row in top]


if __name__ == "__main__":
    sys.exit(main())
