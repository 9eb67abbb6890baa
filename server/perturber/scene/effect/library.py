"""Ready snippets, one file each in `snippets/`: their first line says what the value does."""

from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "snippets"


@dataclass(frozen=True)
class Snippet:
    """A ready effect; `value` is where its slider starts."""

    name: str
    label: str
    value: float

    @property
    def text(self) -> str:
        """Its GLSL."""
        return _TEXTS[self.name]

    def describe(self) -> dict[str, object]:
        """This snippet as JSON, for the page."""
        return asdict(self) | {"text": self.text}


SNIPPETS = (
    Snippet("contrast", "Contrast", 0.5),
    Snippet("gamma", "Gamma", 0.5),
    Snippet("posterise", "Posterise", 0.75),
    Snippet("vignette", "Vignette", 0.7),
    Snippet("pixelate", "Pixelate", 0.25),
    Snippet("noise", "Noise", 0.3),
    Snippet("blur", "Blur", 0.4),
    Snippet("edge", "Edges", 0.8),
)

_TEXTS = {
    snippet.name: (FOLDER / f"{snippet.name}.glsl").read_text(encoding="utf-8").rstrip("\n")
    for snippet in SNIPPETS
}

DEFAULT = SNIPPETS[0]
