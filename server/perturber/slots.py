"""The three model slots: what each holds in a state, and the network for it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from perturber.nets import catalog
from perturber.nets.classifier import Classifier
from perturber.nets.edit import Base, Edit, Mix, Prune, editable_layers
from perturber.nets.editing import Active, EditedNetwork, Editor
from perturber.nets.zoo import Zoo
from perturber.parameter import parse_range
from perturber.parameters import SceneState

EDITED = "edited"
SLOTS = ("model1", "model2", EDITED)


@dataclass(frozen=True)
class SlotNetwork:
    """The network of a slot; `active` is what is active of each layer of an edited one."""

    variant: str
    checkpoint: int
    classifier: Classifier
    active: Mapping[str, Active] | None = None


def edit_of(state: SceneState) -> Edit:
    """The edit that the Edited Model shows: only the chosen mode's settings count."""
    model1, model2 = base_of(state, "model1"), base_of(state, "model2")
    layers = editable_layers(model1)
    if state.text("edit.mode") == "mix":
        return Mix(model1, model2, tuple(state.number(f"edit.mix.{layer}") for layer in layers), layers)
    keys = map("edit.prune.{}".format, layers)
    return Prune(model1, tuple(parse_range(state[key], key) for key in keys), layers)


def base_of(state: SceneState, slot: str) -> Base:
    """Variant and checkpoint that Model 1's or Model 2's slot holds."""
    return Base(state.text(f"{slot}.variant"), int(state.number(f"{slot}.checkpoint")))


def bases(state: SceneState, slot: str) -> tuple[Base, ...]:
    """The networks of the zoo that `slot`'s one is or is made of."""
    if slot != EDITED:
        return (base_of(state, slot),)
    edit = edit_of(state)
    return (edit.model1, edit.model2) if isinstance(edit, Mix) else (edit.model1,)


def identity(state: SceneState, slot: str) -> Hashable:
    """Equal for slots and states whose networks are the same.

    Raises:
        UnknownModelError: a variant or checkpoint that isn't in the catalog.
    """
    entries = tuple(catalog.find(base.variant, base.checkpoint) for base in bases(state, slot))
    return entries if slot != EDITED else (edit_of(state), entries)


class Networks:
    """Finds or makes the network of a slot. Safe for several threads."""

    def __init__(self, zoo: Zoo) -> None:
        self._zoo = zoo
        self._editor = Editor(zoo)

    def load(self, state: SceneState, slot: str, session: Hashable) -> SlotNetwork:
        """The network of `slot`; an edit builds on what `session` had last.

        Raises:
            UnknownModelError, ModelError: a network of the zoo can't be loaded.
            FamilyError: a mix of networks that aren't of one family.
        """
        if slot == EDITED:
            edited = self.edited(edit_of(state), session)
            return SlotNetwork(EDITED, 0, edited.classifier, edited.active())
        base = base_of(state, slot)
        entry = catalog.find(base.variant, base.checkpoint)
        return SlotNetwork(entry.variant, entry.checkpoint, self._zoo.load(entry.variant, entry.checkpoint))

    def edited(self, edit: Edit, session: Hashable = None) -> EditedNetwork:
        """The Edited Model of an edit.

        Raises:
            UnknownModelError, ModelError, FamilyError: as `load`.
        """
        return self._editor.load(edit, session)
