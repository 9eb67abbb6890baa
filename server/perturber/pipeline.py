"""The whole way from a state to a frame: render, custom effect, perturb, ask the networks."""

import functools
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from perturber.attacks.live import LiveAttack, Story
from perturber.featvis_plane import FeatureVisualizationPlanes
from perturber.frame import Frame, Picture, Pixels, SlotAnswer
from perturber.memo import Memo
from perturber.nets.classifier import Classifier, Prediction
from perturber.nets.editing import FamilyError
from perturber.nets.layers import missing
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState
from perturber.perturb.chain import perturb
from perturber.scene.effect.effect import Effect
from perturber.scene.source import Renderer, draw_source
from perturber.slots import SLOTS, Networks, SlotNetwork, identity
from perturber.stopwatch import Stopwatch
from perturber.whole_layer import LayerMaps

TOP = 5


class Effects(Protocol):
    """What puts a picture through the user's custom effect."""

    def apply(self, effect: Effect, picture: Pixels) -> Pixels: ...


@dataclass(frozen=True)
class Look:
    """One network's answer to one picture, before the view chooses units.

    `activations` is the whole layer `(channels, height, width)`, `deviation` its standard deviation.
    `refused` says why the slot has no network of its own, and so no answer.
    """

    activations: Tensor | None
    deviation: float
    top: list[Prediction] | None
    story: Story | None
    refused: str | None = None


class Pipeline:
    """Renders, perturbs and classifies. Not thread-safe: one thread runs all frames of all sessions."""

    def __init__(self, renderer: Renderer, effects: Effects, zoo: Zoo) -> None:
        self._renderer = renderer
        self._effects = effects
        self._zoo = zoo
        self.networks = Networks(zoo)
        self.planes = FeatureVisualizationPlanes(self.networks)
        # On a CPU networks are faster side by side, a core each, than one after the other on all.
        self._side_by_side = ThreadPoolExecutor(len(SLOTS), "network", lambda: torch.set_num_threads(1))

    def run_frame(
        self,
        state: SceneState,
        revision: int,
        memo: Memo,
        attack: LiveAttack | None = None,
        clock: Stopwatch | None = None,
    ) -> Frame:
        """The frame of `state`; a stage whose input is that of the last frame in `memo` is not run again.

        An active `attack` lies over the scene: its picture takes the place of the rendered and perturbed one.
        `clock` has measured what was made ahead.

        Raises:
            RenderError: the scene could not be drawn; `EffectError`: its custom effect failed.
            ModelError, UnknownModelError: a network could not be loaded.
        """
        clock = clock or Stopwatch()
        picture, looks = self._look(state, memo, clock, attack)
        answers = {slot: _show(*look, state) for slot, look in looks.items()}
        described = None if attack is None else attack.describe(state)
        return Frame(revision, picture.pixels, answers, clock.finish(), described)

    def whole_layer(
        self, state: SceneState, memo: Memo, attack: LiveAttack | None = None
    ) -> dict[str, LayerMaps]:
        """The shown layer's maps of every shown slot that has them; free where `memo` has the state's frame.

        Raises:
            RenderError, ModelError, UnknownModelError: as `run_frame`.
        """
        _, looks = self._look(state, memo, Stopwatch(), attack)
        return {
            slot: LayerMaps.from_activations(
                look.activations, _divisor(state, look.deviation), network.variant, network.checkpoint
            )
            for slot, (network, look) in looks.items()
            if look.activations is not None
        }

    def picture(self, state: SceneState, memo: Memo) -> Picture:
        """What the networks see of `state` without an attack, exact floats and bytes.

        Raises:
            RenderError: the scene could not be drawn; `EffectError`: its custom effect failed.
        """
        return self._scene(state, memo, Stopwatch())[0]

    def render(self, state: SceneState, memo: Memo, clock: Stopwatch) -> Picture:
        """The picture of the scene before anything is done to it.

        Raises:
            RenderError: the scene could not be drawn.
            UnknownModelError, ModelError: the network whose feature visualization it shows can't be loaded.
        """
        with clock.measure("render"):
            key = self._source_key(state, memo)
            return memo.recall("render", key, lambda: self._render(state, memo))

    def apply_effect(self, rendered: Picture, state: SceneState, memo: Memo, clock: Stopwatch) -> Picture:
        """`rendered`, the picture of `state`, after its custom effect. From any thread.

        Raises:
            EffectError: the effect is none, or never ends.
            RenderError: no OpenGL.
        """
        effect = Effect.from_state(state)
        if effect is None:
            return rendered

        def make() -> Picture:
            return Picture.from_pixels(self._effects.apply(effect, rendered.pixels), self._zoo.device)

        with clock.measure("effect"):
            return memo.recall("effect", (self._source_key(state, memo), effect), make)

    def step_attack(self, state: SceneState, memo: Memo, attack: LiveAttack | None) -> LiveAttack:
        """`attack` one step further; without one, the first step of an attack on the picture of `state`.

        Raises:
            AttackError: the state's target names no class, or several.
            RenderError, ModelError, UnknownModelError: as `run_frame`.
        """
        source = state.text("attack.source")
        classifier = self.networks.load(state, source, memo.session).classifier
        if attack is None:
            attack = LiveAttack.begin(self.picture(state, memo).tensor, state, classifier)
        return attack.stepped(state, classifier)

    def close(self) -> None:
        """End the networks' threads."""
        self._side_by_side.shutdown(cancel_futures=True)

    def _look(
        self, state: SceneState, memo: Memo, clock: Stopwatch, attack: LiveAttack | None
    ) -> tuple[Picture, dict[str, tuple[SlotNetwork, Look]]]:
        """What the state shows: the picture, and every shown slot's network with its answer."""
        if attack is None:
            picture, made_from = self._scene(state, memo, clock)
        else:
            with clock.measure("attack"):
                alphas = state.number("attack.original_alpha"), state.number("attack.attack_alpha")
                made_from = (attack.now, *alphas)
                picture = memo.recall("attack", made_from, lambda: Picture.from_tensor(attack.picture(state)))
        return picture, self._ask(picture, made_from, state, memo, clock, attack)

    def _scene(self, state: SceneState, memo: Memo, clock: Stopwatch) -> tuple[Picture, Hashable]:
        """The rendered and perturbed picture, and the values it was made from."""
        source = self.apply_effect(self.render(state, memo, clock), state, memo, clock)
        with clock.measure("post"):
            effects = (Effect.from_state(state), state.stage("post", "frequency"))
            made_from = (self._source_key(state, memo), effects)
            return memo.recall("post", made_from, lambda: self._perturb(source, state)), made_from

    def _ask(
        self,
        picture: Picture,
        made_from: Hashable,
        state: SceneState,
        memo: Memo,
        clock: Stopwatch,
        attack: LiveAttack | None,
    ) -> dict[str, tuple[SlotNetwork, Look]]:
        """Every shown slot's answer; two slots with one network share it."""
        identities = {slot: identity(state, slot) for slot in shown_slots(state)}
        first_slots = {of: slot for slot, of in reversed(identities.items())}

        def look(of: Hashable) -> tuple[SlotNetwork, Look]:
            slot = first_slots[of]
            with clock.measure(slot):
                try:
                    network = self.networks.load(state, slot, memo.session)
                except FamilyError as error:  # the other slots go on
                    base = self.networks.load(state, "model1", memo.session)
                    return replace(base, variant=slot, checkpoint=0), Look(None, 0.0, None, None, str(error))
                key = (made_from, of, _wanted(state))
                make = functools.partial(_look, network.classifier, picture, state, attack)
                return network, memo.recall(slot, key, make)

        parallel = len(first_slots) > 1 and self._zoo.device.type == "cpu"
        looks = dict(
            zip(first_slots, (self._side_by_side.map if parallel else map)(look, first_slots), strict=True)
        )
        return {slot: looks[of] for slot, of in identities.items()}

    def _source_key(self, state: SceneState, memo: Memo) -> Hashable:
        """All that the picture before its effects is made from."""
        return state.stage("scene"), self.planes.find(state, memo.session)

    def _render(self, state: SceneState, memo: Memo) -> Picture:
        plane = self.planes.find(state, memo.session)
        pixels = draw_source(state, self._renderer, memo.webcam, plane)
        return Picture.from_pixels(pixels, self._zoo.device)

    def _perturb(self, rendered: Picture, state: SceneState) -> Picture:
        tensor = perturb(rendered.tensor, state)
        return rendered if tensor is rendered.tensor else Picture.from_tensor(tensor)


def shown_slots(state: SceneState) -> list[str]:
    """The slots whose network has anything to show."""
    shown = any(_wanted(state)) or state.flag("view.featvis")
    return [slot for slot in SLOTS if state.flag(f"{slot}.enabled") and shown]


def _wanted(state: SceneState) -> tuple[str | None, bool]:
    """The layer to tap (None with activations off) and whether to run to the logits."""
    layer = state.text("view.layer") if state.flag("view.activations") else None
    return layer, state.flag("view.predictions")


def _look(network: Classifier, picture: Picture, state: SceneState, attack: LiveAttack | None) -> Look:
    layer, predictions = _wanted(state)
    if layer not in network.anatomy.channels:
        layer = None
    with torch.inference_mode():
        answer = network.answer(picture.tensor, layer, logits=predictions)
        maps = None if answer.activations is None else answer.activations[0]
        return Look(
            activations=maps,
            deviation=0.0 if maps is None else float(maps.std(correction=0)),
            top=None if answer.logits is None else network.top(answer.logits[0], TOP),
            story=attack.story(network, answer.logits[0])
            if attack is not None and answer.logits is not None
            else None,
        )


def _show(network: SlotNetwork, look: Look, state: SceneState) -> SlotAnswer:
    layer, anatomy, maps = state.text("view.layer"), network.classifier.anatomy, None
    units = tuple(unit for unit in state.units if unit < anatomy.channels.get(layer, 0))
    note = look.refused
    if note is not None:
        units = ()
    elif state.flag("view.activations"):
        note = missing(anatomy, layer, state.units)
    if look.activations is not None and units:
        maps = look.activations[list(units)].cpu().numpy()
    return SlotAnswer(
        network=network,
        layer=layer,
        units=units,
        activations=maps,
        divisor=None if maps is None else _divisor(state, look.deviation),
        top=look.top,
        story=look.story,
        note=note,
    )


def _divisor(state: SceneState, deviation: float) -> float:
    """Thesis 5.3: four standard deviations of the whole layer at 0, above it 10 to the slider's value."""
    exponent = state.number("view.normalization")
    return 10.0**exponent if exponent > 0 else max(4 * deviation, 1e-12)
