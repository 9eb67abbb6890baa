"""Custom effects behind a watchdog, in a process of their own: one that never ends costs nobody a scene."""

import re
from collections import OrderedDict
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from perturber import paths
from perturber.scene.effect.effect import Effect, EffectError, EffectStoppedError
from perturber.scene.effect.translation import Translation, translate
from perturber.scene.process import Supervised, WorkerHungError, WorkerLostError
from perturber.scene.worker_messages import Apply, Endless, Refused

TIMEOUT = 1.5
"""Seconds for compiling and one picture. With the kill it stays below two."""

WORK = 1 / 3
"""Of that time: what a process must have worked to be at fault. An idle machine gives it all and more."""

MOST_REMEMBERED = 1000

# Mesa: `0:3(12): error: ...`; NVIDIA: `0(3) : error C1503: ...`.
_COMPLAINT = re.compile(
    r"^\d+(?::(?P<line>\d+)\((?P<column>\d+)\)|\((?P<only_line>\d+)\))\s*:\s*"
    r"(?P<kind>error|warning)(?: \w+)?:\s*(?P<reason>.*)$",
    re.MULTILINE,
)

Pixels = NDArray[np.uint8]


class EffectWorker(Supervised):
    """Puts pictures through custom effects; for any thread, one at a time.

    An effect that takes longer than `timeout` seconds, twice that on a machine too busy to run it, or that
    ends the process twice, is refused from then on.
    """

    def __init__(self, size: int = 224, *, timeout: float = TIMEOUT) -> None:
        super().__init__("effect", size, paths.ASSETS)
        self.timeout = timeout
        self._stopped: OrderedDict[str, str] = OrderedDict()

    def apply(self, effect: Effect, picture: Pixels) -> Pixels:
        """`picture` (size, size, 3), sRGB, rows from the top, after `effect`; any source may have made it.

        Raises:
            EffectError: the effect isn't GLSL; `EffectStoppedError`: it did not come to an end.
            RenderError: no OpenGL; the message holds the cure.
            ValueError: a picture of another size.
        """
        if picture.shape != (self.size, self.size, 3) or picture.dtype != np.uint8:
            expected = f"uint8 of shape {(self.size, self.size, 3)}"
            raise ValueError(f"picture: expected {expected}, got {picture.dtype} {picture.shape}")
        translation = _translated(effect.text)
        with self._lock:
            if effect.text in self._stopped:
                raise EffectStoppedError(f"{self._stopped[effect.text]}; it is not tried again", effect.text)
            return self._apply(effect, translation, picture)

    def _apply(self, effect: Effect, translation: Translation, picture: Pixels) -> Pixels:
        request = Apply(translation.code, effect.value)
        try:
            try:
                return self._ask(request, effect, translation, picture)
            except WorkerHungError:
                raise
            except WorkerLostError:  # it may have ended for a reason of its own
                self._lose()
                return self._ask(request, effect, translation, picture)
        except WorkerHungError:
            reason = f"it did not finish within {self.timeout:g} seconds and was stopped"
        except WorkerLostError as error:
            reason = f"it ended the process that ran it: {error}"
        self._lose()
        self._stopped[effect.text] = reason
        if len(self._stopped) > MOST_REMEMBERED:
            self._stopped.popitem(last=False)
        raise EffectStoppedError(reason, effect.text)

    def _ask(self, request: Apply, effect: Effect, translation: Translation, picture: Pixels) -> Pixels:
        process = self._running()
        process.put(picture)
        match process.ask(request, self.timeout, work=WORK * self.timeout):
            case Refused(log):
                raise _explained(log, translation)
            case Endless(line):
                reason = "this loop took more than 4,096 turns for one pixel"
                raise EffectStoppedError(reason, effect.text, line)
        return process.picture()


@lru_cache(64)
def _translated(text: str) -> Translation:
    return translate(text)


def _explained(log: str, translation: Translation) -> EffectError:
    """The first complaint of a compiler's log, at its place in the user's text."""
    complaints = list(_COMPLAINT.finditer(log))
    found = next((each for each in complaints if each["kind"] == "error"), next(iter(complaints), None))
    if found is None:
        return EffectError(log.strip()[:300] or "the compiler refuses it", translation.text)
    reason = found["reason"].replace("`", "'").strip()
    line = int(found["line"] or found["only_line"])
    place = translation.place(line, int(found["column"]) if found["column"] else None)
    if line > 1_000_000:
        reason = reason.replace("unexpected '}'", "unexpected end")
    return EffectError(reason[:300], translation.text, *place)
