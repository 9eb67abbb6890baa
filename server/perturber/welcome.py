"""What a page is told first: the table, and everything there is to choose from."""

from dataclasses import asdict

from perturber import __version__, parameters, protocol, selection
from perturber.attacks import catalog as attacks_catalog
from perturber.explain import class_pictures
from perturber.nets import catalog as nets_catalog
from perturber.nets import receptive_field
from perturber.nets.layers import Anatomy
from perturber.scene import catalog as scene_catalog
from perturber.scene.effect import library as effects_library


def describe(picture_size: int, class_images: bool, device: str) -> dict[str, object]:
    """The fields of `welcome` that are the same for every session.

    `picture_size` is in pixels; `class_images` says whether the user has pictures of classes, beside the
    shipped ones; `device` is where the networks run.
    """
    return {
        "type": "welcome",
        "protocol": protocol.VERSION,
        "version": __version__,
        "parameters": parameters.describe(),
        "layers": [{"name": name, "channels": channels} for name, channels in parameters.CHANNELS.items()],
        "architectures": [_architecture(anatomy) for anatomy in nets_catalog.anatomies().values()],
        "models": _models(class_images),
        "groups": selection.describe(),
        "attacks": _attacks(),
        "effects": [snippet.describe() for snippet in effects_library.SNIPPETS],
        "objects": [
            {
                name: value
                for name, value in asdict(pair).items()
                if name in ("name", "label", "start", "end", "morph")
            }
            for pair in scene_catalog.objects().values()
        ],
        "picture_size": picture_size,
        "device": device,
    }


def _architecture(anatomy: Anatomy) -> dict[str, object]:
    layers = [
        {"name": name, "channels": channels, "fields": receptive_field.describe(anatomy.name, name)}
        for name, channels in anatomy.layers
    ]
    return {"name": anatomy.name, "label": anatomy.label, "layers": layers, "groups": list(anatomy.groups)}


def _attacks() -> dict[str, object]:
    """The methods with what each of them has a setting for, and the norms."""
    methods = [
        {
            "name": method.name,
            "label": method.label,
            "help": method.help,
            "norms": list(method.norms),
            "step_size": method.step_share is not None,
            "random_start": method.random_start,
            "seed": method.random_start or method.black_box,
        }
        for method in attacks_catalog.METHODS.values()
    ]
    norms = [
        {"name": name, "label": label, "epsilon": round(attacks_catalog.DEFAULT_EPSILON[name], 4)}
        for name, label in attacks_catalog.NORMS.items()
    ]
    return {"methods": methods, "norms": norms}


def _models(class_images: bool) -> list[dict[str, object]]:
    by_variant: dict[str, dict[str, object]] = {}
    for entry in nets_catalog.entries():
        row = by_variant.setdefault(
            entry.variant,
            {
                "family": entry.family,
                "variant": entry.variant,
                "label": entry.label,
                "architecture": entry.anatomy.name,
                "checkpoints": [],
                "input_size": entry.input_size,
                "num_classes": entry.num_classes,
                "licence": entry.licence,
                "class_pictures": class_images or class_pictures.exist(entry.variant),
            },
        )
        checkpoints = row["checkpoints"]
        assert isinstance(checkpoints, list)
        checkpoints.append(entry.checkpoint)
        checkpoints.sort()
    return list(by_variant.values())
