"""The whole way from a state to a frame: render, perturb, ask the networks."""

import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from perturber import protocol
from perturber.nets.classifier import Classifier, Prediction
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState
from perturber.perturb.chain import perturb
from perturber.scene.view import SceneView
from perturber.slots import SLOTS, Networks, SlotNetwork, identity

TOP = 5

Pixels = npt.NDArray[np.uint8]
Maps = npt.NDArray[np.float32]
T = TypeVar("T")


class Renderer(Protocol):
    """What draws the scene: `(size, size, 3)` sRGB bytes, rows from the top."""

    def render(self, view: SceneView) -> Pixels: ...


@dataclass(frozen=True)
class SlotAnswer:
    """What one model slot's network shows of a picture.

    `activations` is `(units, height, width)` before the ReLU, `divisor` what ±1 of the colour map stands for;
    both are None with activations off, `top` is None with predictions off.
    """

    network: SlotNetwork
    layer: str
    units: tuple[int, ...]
    activations: Maps | None
    divisor: float | None
    top: list[Prediction] | None

    def describe(self) -> dict[str, Any]:
        """The answer without its maps, as JSON."""
        network = self.network
        row: dict[str, Any] = {"variant": network.variant, "checkpoint": network.checkpoint}
        if network.active is not None:
            layers = network.active.items()
            row["active"] = {layer: [active.alpha, round(active.share, 4)] for layer, active in layers}
        if self.activations is not None:
            row |= {"layer": self.layer, "units": list(self.units), "divisor": self.divisor}
        if self.top is not None:
            row["top"] = self.top
        return row


@dataclass(frozen=True)
class Frame:
    """Everything one revision of the state shows; `picture` is `(size, size, 3)` uint8, rows from the top."""

    revision: int
    picture: Pixels
    models: dict[str, SlotAnswer]
    timing_ms: dict[str, float]

    def header(self) -> dict[str, Any]:
        """The frame without its arrays, as JSON."""
        return {
            "revision": self.revision,
            "models": {slot: answer.describe() for slot, answer in self.models.items()},
            "timing_ms": {stage: round(value, 2) for stage, value in self.timing_ms.items()},
        }

    def encode(self) -> bytes:
        """The binary message of docs/protocol.md."""
        buffers: dict[str, npt.NDArray[Any]] = {"picture": self.picture}
        for slot, answer in self.models.items():
            if answer.activations is not None:
                buffers[f"{slot}.activations"] = answer.activations
        return protocol.encode_frame(self.header(), buffers)


@dataclass
class Memo:
    """The newest result of each stage of one session, with the values it was made from."""

    session: object = field(default_factory=object)
    """Stands for the session where others keep something for it."""
    _results: dict[str, tuple[Hashable, object]] = field(default_factory=dict)

    def recall(self, stage: str, key: Hashable, make: Callable[[], T]) -> T:
        """The stage's last result if it was made from the same `key`, else a new one."""
        known = self._results.get(stage)
        if known is None or known[0] != key:
            known = (key, make())
            self._results[stage] = known
        return cast(T, known[1])


@dataclass(frozen=True)
class Picture:
    """One picture twice: `tensor` `(1, 3, H, W)` in [0, 1], `pixels` `(H, W, 3)` bytes for the page."""

    tensor: Tensor
    pixels: Pixels

    @staticmethod
    def from_pixels(pixels: Pixels, device: torch.device) -> "Picture":
        tensor = torch.from_numpy(pixels).to(device).permute(2, 0, 1)[None].float().div_(255)
        return Picture(tensor, pixels)

    @staticmethod
    def from_tensor(tensor: Tensor) -> "Picture":
        pixels = tensor[0].mul(255).round_().to(torch.uint8).permute(1, 2, 0).contiguous()
        return Picture(tensor, pixels.cpu().numpy())


@dataclass(frozen=True)
class Look:
    """One network's answer to one picture, before the view chooses units.

    `activations` is the whole layer `(channels, height, width)`, `deviation` its standard deviation.
    """

    activations: Tensor | None
    deviation: float
    top: list[Prediction] | None


class Pipeline:
    """Renders, perturbs and classifies. Not thread-safe: one thread runs all frames of all sessions."""

    def __init__(self, renderer: Renderer, zoo: Zoo) -> None:
        self._renderer = renderer
        self._zoo = zoo
        self.networks = Networks(zoo)
        # On a CPU networks are faster side by side, a core each, than one after the other on all.
        self._side_by_side = ThreadPoolExecutor(len(SLOTS), "network", lambda: torch.set_num_threads(1))

    def run_frame(self, state: SceneState, revision: int, memo: Memo) -> Frame:
        """The frame of `state`; a stage whose input is that of the last frame in `memo` is not run again.

        Raises:
            RenderError: the scene could not be drawn.
            ModelError, UnknownModelError: a network could not be loaded.
            FamilyError: networks that can't be mixed.
        """
        clock = Stopwatch()
        with clock.measure("render"):
            scene = state.stage("scene")
            rendered = memo.recall("render", scene, lambda: self._render(state))
        with clock.measure("post"):
            effects = (scene, state.stage("post", "frequency"))
            picture = memo.recall("post", effects, lambda: self._perturb(rendered, state))
        answers = self._ask(picture, effects, state, memo, clock)
        return Frame(revision, picture.pixels, answers, clock.finish())

    def close(self) -> None:
        """End the networks' threads."""
        self._side_by_side.shutdown(cancel_futures=True)

    def _ask(
        self, picture: Picture, made_from: Hashable, state: SceneState, memo: Memo, clock: "Stopwatch"
    ) -> dict[str, SlotAnswer]:
        """Every shown slot's answer; two slots with one network share it."""
        identities = {slot: identity(state, slot) for slot in shown_slots(state)}
        first_slots = {of: slot for slot, of in reversed(identities.items())}

        def look(of: Hashable) -> tuple[SlotNetwork, Look]:
            slot = first_slots[of]
            with clock.measure(slot):
                network = self.networks.load(state, slot, memo.session)
                key = (made_from, of, _wanted(state))
                return network, memo.recall(slot, key, lambda: _look(network.classifier, picture, state))

        parallel = len(first_slots) > 1 and self._zoo.device.type == "cpu"
        looks = dict(
            zip(first_slots, (self._side_by_side.map if parallel else map)(look, first_slots), strict=True)
        )
        return {slot: _show(*looks[of], state) for slot, of in identities.items()}

    def _render(self, state: SceneState) -> Picture:
        return Picture.from_pixels(self._renderer.render(SceneView.from_state(state)), self._zoo.device)

    def _perturb(self, rendered: Picture, state: SceneState) -> Picture:
        tensor = perturb(rendered.tensor, state)
        return rendered if tensor is rendered.tensor else Picture.from_tensor(tensor)


def shown_slots(state: SceneState) -> list[str]:
    """The slots whose network has anything to show."""
    return [slot for slot in SLOTS if state.flag(f"{slot}.enabled") and any(_wanted(state))]


def _wanted(state: SceneState) -> tuple[str | None, bool]:
    """The layer to tap (None with activations off) and whether to run to the logits."""
    layer = state.text("view.layer") if state.flag("view.activations") else None
    return layer, state.flag("view.predictions")


def _look(network: Classifier, picture: Picture, state: SceneState) -> Look:
    layer, predictions = _wanted(state)
    with torch.inference_mode():
        answer = network.answer(picture.tensor, layer, logits=predictions)
        maps = None if answer.activations is None else answer.activations[0]
        return Look(
            activations=maps,
            deviation=0.0 if maps is None else float(maps.std(correction=0)),
            top=None if answer.logits is None else network.top(answer.logits[0], TOP),
        )


def _show(network: SlotNetwork, look: Look, state: SceneState) -> SlotAnswer:
    maps = None if look.activations is None else look.activations[list(state.units)].cpu().numpy()
    return SlotAnswer(
        network=network,
        layer=state.text("view.layer"),
        units=state.units,
        activations=maps,
        divisor=None if maps is None else _divisor(state, look.deviation),
        top=look.top,
    )


def _divisor(state: SceneState, deviation: float) -> float:
    """Thesis 5.3: four standard deviations of the whole layer at 0, above it 10 to the slider's value."""
    exponent = state.number("view.normalization")
    return 10.0**exponent if exponent > 0 else max(4 * deviation, 1e-12)


class Stopwatch:
    """Milliseconds by stage, and in total."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._stages[stage] = (time.perf_counter() - start) * 1e3

    def finish(self) -> dict[str, float]:
        return self._stages | {"total": (time.perf_counter() - self._start) * 1e3}
