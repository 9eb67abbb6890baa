"""The one table of all parameters, and the frozen state that is one row of values.

Page, validation, permalink, command line, sweeps and `docs/parameters.md` are all made from `TABLE`:
a new line here is a new slider there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from perturber import selection
from perturber.attacks import catalog as attacks_catalog
from perturber.nets import catalog as nets_catalog
from perturber.nets.layers import CLASSIFIER_GROUP
from perturber.parameter import MAX_UNITS, Parameter, ParameterError, Stage, Value, parse_unit, parse_units
from perturber.scene import catalog as scene_catalog
from perturber.scene.effect import library as effects
from perturber.scene.view import OWN


def _number(
    key: str,
    label: str,
    group: str,
    stage: Stage,
    bounds: tuple[float, float],
    default: float,
    help_: str,
    *,
    step: float = 0.01,
    unit: str = "",
    wraps: bool = False,
) -> Parameter:
    return Parameter(
        key, label, group, stage, "number", default, help_, *bounds, step=step, unit=unit, wraps=wraps
    )


def _slot(slot: str, label: str, enabled: bool) -> tuple[Parameter, ...]:
    variants = nets_catalog.variants()
    preferred = "adversarial" if slot == "model2" and "adversarial" in variants else next(iter(variants))
    return (
        Parameter(
            f"{slot}.enabled", "Enabled", label, "model", "flag", enabled,
            f"Run {label}: its activation maps and its predictions. Off saves its forward pass.",
        ),
        Parameter(
            f"{slot}.variant", "Training Set", label, "model", "choice", preferred,
            f"Which network {label} is.", choices=MappingProxyType(variants),
        ),
        Parameter(
            f"{slot}.checkpoint", "Checkpoint", label, "model", "integer", 0,
            "Fine-tuning iteration of the weights; 0 is the finished network.",
            maximum=1e7, step=1,
        ),
    )  # fmt: skip


def _layers() -> dict[str, int]:
    """Every layer of the networks that there are, and the most units that one of its name has."""
    layers: dict[str, int] = {}
    for anatomy in nets_catalog.anatomies().values():
        for layer, channels in anatomy.layers:
            layers[layer] = max(channels, layers.get(layer, 0))
    return layers


def _editable() -> tuple[str, ...]:
    """What can be edited of the networks that there are; architectures share the settings of like names."""
    return (*_layers(), CLASSIFIER_GROUP)


def _editing(group: str) -> tuple[Parameter, ...]:
    modes = {"mix": "Mix", "prune": "Prune"}
    mix = "Weights of {0}: Model 1's at 0, Model 2's at 1, between them W1·(1 - a) + W2·a. Works in mode Mix."
    prune = (
        "Filters of {0} that stay: those whose rank by summed magnitude, from the weakest (0) to the strongest "
        "(1), lies strictly inside the range. Works in mode Prune."
    )
    return (
        Parameter("edit.mode", "Editing Mode", group, "model", "choice", "mix", "How the Edited Model is made: mixed of Model 1 and Model 2, or Model 1 pruned by magnitude.", choices=MappingProxyType(modes)),
        *(_number(f"edit.mix.{layer}", layer, group, "model", (0.0, 1.0), 0.0, mix.format(layer)) for layer in _editable()),
        *(Parameter(f"edit.prune.{layer}", layer, group, "model", "range", "0,1", prune.format(layer)) for layer in _editable()),
    )  # fmt: skip


def _groups() -> Mapping[str, str]:
    named = {group.name: f"{group.label} ({group.layer})" for group in selection.offered().values()}
    return MappingProxyType({selection.OWN: "Own choice", **named})


def _build() -> tuple[Parameter, ...]:
    objects = {name: pair.label for name, pair in scene_catalog.objects().items()}
    backgrounds = {name: item.label for name, item in scene_catalog.backgrounds().items()}
    objects |= {OWN: "Own object"}
    backgrounds |= {OWN: "Own background"}
    ups = {"y": "Y", "z": "Z", "x": "X", "-y": "-Y", "-z": "-Z", "-x": "-X"}
    camera, scene, own, morph = "Camera", "Scene", "Own Files", "Morph"
    post, frequency, view = "Post Processing", "Frequency Decomp.", "Neurons"
    methods = {method.name: method.label for method in attacks_catalog.METHODS.values()}
    norms = {name: attacks_catalog.NORMS[name] for name in ("l2", "linf")}
    attack, slots = "Adversarial Attack", {"model1": "Model 1", "model2": "Model 2", "edited": "Edited Model"}
    unit, hue = (0.0, 1.0), (-0.5, 0.5)
    return (
        _number("camera.yaw", "Yaw", camera, "scene", (-180, 180), -30.0, "Turns the camera around the object's vertical axis; positive to the right.", step=0.1, unit="°", wraps=True),
        _number("camera.pitch", "Pitch", camera, "scene", (-90, 90), 12.0, "Raises the camera above the object (positive) or lowers it below.", step=0.1, unit="°"),
        _number("camera.roll", "Roll", camera, "scene", (-180, 180), 0.0, "Turns the camera around its line of sight.", step=0.1, unit="°", wraps=True),
        _number("camera.distance", "Distance", camera, "scene", (1.0, 10.0), 2.6, "From the camera to the point it looks at, in object radii.", unit="radii"),
        _number("camera.pan_x", "Pan X", camera, "scene", (-2.0, 2.0), 0.0, "Moves the point the camera looks at to the right of the picture, in object radii.", unit="radii"),
        _number("camera.pan_y", "Pan Y", camera, "scene", (-2.0, 2.0), 0.0, "Moves the point the camera looks at to the top of the picture, in object radii.", unit="radii"),
        Parameter("scene.source", "Source", scene, "scene", "choice", "scene", "What the networks see: the 3D scene, a picture of your own, or your webcam. Everything behind the scene works on each.", choices=MappingProxyType({"scene": "3D scene", "picture": "Own picture", "webcam": "Webcam"})),
        Parameter("scene.object", "Object", scene, "scene", "choice", "dog-cat", "The object pair in the scene.", choices=MappingProxyType(objects)),
        Parameter("scene.background", "Background", scene, "scene", "choice", "lawn", "The panorama behind the object.", choices=MappingProxyType(backgrounds)),
        _number("scene.background_rotation", "Background Rotation", scene, "scene", (-180, 180), 0.0, "Turns the panorama around the vertical axis, against the camera's yaw: both by the same amount turn the object alone.", step=0.5, unit="°", wraps=True),
        _number("scene.background_blur", "Background Blur", scene, "scene", unit, 0.0, "Blurs the background, up to one solid colour at 1: how much does a network lean on it?"),
        _number("scene.background_saturation", "Background Saturation", scene, "scene", unit, 1.0, "Takes the colour out of the background; 0 is grey."),
        _number("scene.texture_influence", "Texture Influence", scene, "scene", unit, 1.0, "Fades the object's texture to solid white at 0, which leaves shape and shading."),
        _number("scene.texture_blur", "Texture Blur", scene, "scene", unit, 0.0, "Blurs the object's texture, up to one solid colour at 1."),
        _number("scene.lighting_influence", "Lighting Influence", scene, "scene", unit, 1.0, "Fades the three lights to a uniform shading of 1.0 at 0, which leaves silhouette and colour."),
        Parameter("scene.featvis", "Feat. Vis.", scene, "scene", "unit", "", "The feature visualization of a unit, as Model 1 sees it, on a plane that takes the object's place under the same camera, light and effects: does the unit still answer once it is turned?"),
        Parameter("scene.object_file", "Own Object", own, "scene", "content", "", "A model of your own: OBJ (with MTL and textures), GLB, PLY or STL. Shown when Object is Own object."),
        Parameter("scene.object_end_file", "Morphs Into", own, "scene", "content", "", "A second model with the same vertices and faces: the morph goes from the own object to it."),
        Parameter("scene.object_up", "Up Axis", own, "scene", "choice", "y", "Which axis of the own object's file points up.", choices=MappingProxyType(ups)),
        Parameter("scene.background_file", "Own Background", own, "scene", "content", "", "A picture of your own behind the object. Shown when Background is Own background."),
        Parameter("scene.background_shape", "Background Shape", own, "scene", "choice", "flat", "How the own background is seen: flat, filling the picture whatever the camera does, or as a panorama around the scene (equirectangular).", choices=MappingProxyType({"flat": "Flat", "panorama": "Panorama"})),
        Parameter("scene.picture_file", "Own Picture", own, "scene", "content", "", "A picture of your own instead of the scene. Shown when Source is Own picture."),
        Parameter("scene.picture_fit", "Fit", own, "scene", "choice", "crop", "How a picture that isn't square fits: its central square, or whole with grey bars. For own picture and webcam.", choices=MappingProxyType({"crop": "Central square", "letterbox": "Whole, grey bars"})),
        _number("morph.overall", "Overall", morph, "scene", unit, 0.0, "Morphs shape and texture together. Shape and Texture go the rest of the way: effective = 1 - (1 - overall)(1 - own)."),
        _number("morph.shape", "Shape", morph, "scene", unit, 0.0, "Morphs the shape alone."),
        _number("morph.texture", "Texture", morph, "scene", unit, 0.0, "Morphs the texture alone."),
        _number("post.alpha", "Alpha", post, "post", unit, 1.0, "Darkens the picture to black at 0."),
        _number("post.hue", "Hue", post, "post", hue, 0.0, "Turns every pixel's hue, in turns of the colour wheel: ±0.5 is ±180°.", unit="turns"),
        _number("post.saturation", "Saturation", post, "post", (0.0, 2.0), 1.0, "0 is greyscale, 1 unchanged, 2 twice as far from grey."),
        _number("post.custom_value", "Custom Parameter", post, "effect", unit, effects.DEFAULT.value, "What the custom effect reads as value. At its default, contrast changes nothing."),
        Parameter("post.custom", "Custom Effect", post, "effect", "code", effects.DEFAULT.text, "GLSL that changes vec3 color of each pixel, with float value, vec2 uv, sampler2D image and vec2 resolution. Empty: no effect."),
        Parameter("post.patch_shuffle", "Patch Shuffling", post, "post", "integer", 1, "Cuts the picture into k by k cells and puts them in a fixed random order (Zhang and Zhu 2019).", 1, 8, 1, "k"),
        _number("frequency.cutoff", "Cutoff", frequency, "frequency", (0.0, 30.0), 4.0, "Standard deviation of the Gaussian that makes the low band; the high band is the rest.", step=0.1, unit="px"),
        _number("frequency.low_alpha", "Low Alpha", frequency, "frequency", unit, 1.0, "Fades the low band to uniform grey at 0."),
        _number("frequency.high_alpha", "High Alpha", frequency, "frequency", unit, 1.0, "Fades the high band; 0 leaves only the low band."),
        _number("frequency.low_sigma", "Low Sigma", frequency, "frequency", (0.0, 20.0), 0.0, "Gaussian blur of the low band alone.", step=0.1, unit="px"),
        _number("frequency.high_sigma", "High Sigma", frequency, "frequency", (0.0, 20.0), 0.0, "Gaussian blur of the high band alone.", step=0.1, unit="px"),
        _number("frequency.low_hue", "Low Hue", frequency, "frequency", hue, 0.0, "Turns the hue of the low band alone.", unit="turns"),
        _number("frequency.high_hue", "High Hue", frequency, "frequency", hue, 0.0, "Turns the hue of the high band alone.", unit="turns"),
        Parameter("attack.method", "Method", attack, "attack", "choice", "pgd", "How the perturbation is sought: projected gradient descent, one gradient step, few pixels, or evolution without gradients.", choices=MappingProxyType(methods)),
        Parameter("attack.source", "Source Model", attack, "attack", "choice", "model1", "The model that the attack is made against. The others show whether it transfers.", choices=MappingProxyType(slots)),
        Parameter("attack.target", "Target", attack, "attack", "class", "", "The class to arrive at, by name or wnid. Empty: away from what the source model sees now."),
        Parameter("attack.norm", "Norm", attack, "attack", "choice", "l2", "How the size of a perturbation is measured: Euclidean length, or largest value. JSMA counts changed pixels (L0).", choices=MappingProxyType(norms)),
        Parameter("attack.epsilon", "Epsilon", attack, "attack", "number", attacks_catalog.DEFAULT_EPSILON["l2"], "Largest size of the perturbation, in pixel values where 1.0 is the full range; in pixels for L0.", 0.0, 100.0, 0.01, curve=3.0),
        Parameter("attack.step_size", "Step Size", attack, "attack", "number", 0.0, "How far one step goes, in epsilon's unit. 0 is the method's own: an eighth of epsilon, all of it for FGSM.", 0.0, 100.0, 0.01, curve=3.0),
        Parameter("attack.random_start", "Random Start", attack, "attack", "flag", False, "PGD's first step starts at a random point of the ball."),
        Parameter("attack.seed", "Seed", attack, "attack", "integer", 0, "Of random start and evolution: the same seed gives the same attack.", 0, 999, 1),
        _number("attack.attack_alpha", "Attack Alpha", attack, "attack", unit, 1.0, "Fades the perturbation of the active attack; the networks follow."),
        _number("attack.original_alpha", "Original Alpha", attack, "attack", unit, 1.0, "Fades the attacked picture to grey, which leaves the perturbation alone at 0."),
        *_slot("model1", "Model 1", True),
        *_slot("model2", "Model 2", True),
        Parameter("edited.enabled", "Enabled", "Edited Model", "model", "flag", False, "Run the Edited Model: its activation maps and its predictions. Off saves its forward pass."),
        *_editing("Weight Editing"),
        Parameter("view.layer", "Layer", view, "view", "choice", "mixed4a", "The layer whose units are shown, of the models whose architecture has it.", choices=MappingProxyType({name: name for name in CHANNELS})),
        Parameter("view.group", "Group", view, "view", "choice", selection.OWN, "Units that belong together: sets the layer and the units. Other units, or another layer, make it your own choice.", choices=_groups()),
        Parameter("view.count", "# of Neurons", view, "view", "integer", selection.DEFAULT_COUNT, "How many units are shown; of a group with more, the arrows beside Units show the others.", 1, MAX_UNITS, 1),
        Parameter("view.units", "Units", view, "view", "units", selection.DEFAULT_UNITS, "Which units of the layer are shown, one to eight."),
        Parameter("view.activations", "Show Activations", view, "view", "flag", True, "Compute and show activation maps (before the ReLU)."),
        Parameter("view.featvis", "Feature Visualizations", view, "view", "flag", True, "Show what each unit wants to see, below its activation map. What isn't shipped or cached forms beside the frames."),
        Parameter("view.naive", "Naive Parameterization", view, "view", "flag", False, "Feature visualizations written in plain pixels instead of decorrelated colours and frequencies: shows which frequencies a network favours."),
        Parameter("view.diversity", "Diversity", view, "view", "flag", False, "Four feature visualizations a unit, each unlike the others in style: what else a unit answers to."),
        _number("view.normalization", "Act. Normalization", view, "view", (0.0, 3.0), 0.0, "Divisor of the maps: 0 divides by four standard deviations of the whole layer, above 0 by 10 to this power.", unit="log10"),
        Parameter("view.predictions", "Predictions", view, "view", "flag", True, "Run the networks to the end and show their top five classes. Off saves the layers behind the shown one."),
    )  # fmt: skip


CHANNELS: Mapping[str, int] = MappingProxyType(_layers())
"""The layers of all networks, and how many units the network with most has in each."""

TABLE: Mapping[str, Parameter] = MappingProxyType({parameter.key: parameter for parameter in _build()})


def check(key: object, value: object) -> tuple[str, Value]:
    """The key and its checked value.

    Raises:
        ParameterError: no such parameter, or a value that doesn't fit it.
    """
    if not isinstance(key, str) or key not in TABLE:
        raise ParameterError("key", "a parameter key such as 'camera.yaw'", key)
    return key, TABLE[key].check(value)


@dataclass(frozen=True)
class SceneState(Mapping[str, Value]):
    """All parameter values of one moment; immutable, and always valid.

    `row` holds a value for every key of `TABLE`, in its order. Build one with `SceneState.default()` and `.changed(patch)`.
    """

    row: tuple[Value, ...]

    @staticmethod
    def default() -> "SceneState":
        return SceneState(tuple(parameter.default for parameter in TABLE.values()))

    def changed(self, patch: Mapping[str, object]) -> "SceneState":
        """A new state with the values of `patch`: all of them, or none when one doesn't fit.

        Raises:
            ParameterError: an unknown key, a value out of bounds, or units that no network's layer has.
        """
        merged = {**self, **dict(check(key, value) for key, value in patch.items())}
        merged |= selection.follow(merged, patch)
        _check_units(merged)
        _check_featvis(merged)
        return SceneState(tuple(merged[key] for key in TABLE))

    def stage(self, *stages: Stage) -> tuple[Value, ...]:
        """The values that the given pipeline stages read: what they make changes only with these."""
        return tuple(value for key, value in self.items() if TABLE[key].stage in stages)

    def difference(self) -> dict[str, Value]:
        """The values that are not at their default: the permalink's content."""
        return {key: value for key, value in self.items() if value != TABLE[key].default}

    def number(self, key: str) -> float:
        """The value of a number, integer or flag parameter."""
        return float(self[key])

    def text(self, key: str) -> str:
        """The value of a choice, units, class, range or code parameter."""
        return str(self[key])

    def flag(self, key: str) -> bool:
        """The value of a flag parameter."""
        return bool(self[key])

    @property
    def units(self) -> tuple[int, ...]:
        """The unit numbers of `view.units`."""
        return parse_units(self["view.units"])

    @cached_property
    def _by_key(self) -> dict[str, Value]:
        return dict(zip(TABLE, self.row, strict=True))

    def __getitem__(self, key: str) -> Value:
        return self._by_key[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self.row)

    def __hash__(self) -> int:
        return hash(self.row)


def _check_units(values: Mapping[str, Value]) -> None:
    layer = str(values["view.layer"])
    above = [unit for unit in parse_units(values["view.units"]) if unit >= CHANNELS[layer]]
    if above:
        raise ParameterError("view.units", f"units below {CHANNELS[layer]} (layer {layer})", above)


def _check_featvis(values: Mapping[str, Value]) -> None:
    key = "scene.featvis"
    if not values[key]:
        return
    layer, unit = parse_unit(values[key], key)
    if layer not in CHANNELS:
        raise ParameterError(key, f"a layer from {next(iter(CHANNELS))} to {list(CHANNELS)[-1]}", layer)
    if unit >= CHANNELS[layer]:
        raise ParameterError(key, f"a unit below {CHANNELS[layer]} (layer {layer})", unit)


def describe() -> list[dict[str, object]]:
    """The whole table as JSON rows, in the order of the page."""
    return [parameter.describe() for parameter in TABLE.values()]
