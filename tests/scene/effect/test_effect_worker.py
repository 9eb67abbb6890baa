"""Custom effects: what runs, what is refused where, what is stopped, and that no other effect suffers."""

import os
import random
import re
import signal
import threading
import time

import numpy as np
import psutil
import pytest

from perturber.parameters import SceneState
from perturber.scene.effect.effect import Effect, EffectError, EffectStoppedError
from perturber.scene.effect.translation import translate
from perturber.scene.effect.worker import EffectWorker

from .hostile import HEAVY, ODD_BUT_FINE, REFUSED, TOO_MANY_TURNS

RED = Effect("color = vec3(1.0, 0.0, 0.0);", 0.5)
HEAVIEST = Effect(HEAVY[-1], 0.5)


def short(value: object) -> str:
    return str(value)[:40]


def test_an_effect_reads_colour_value_place_image_and_resolution(
    worker: EffectWorker, picture: np.ndarray
) -> None:
    text = "color = vec3(value, uv);"
    size = len(picture)
    steps = (np.arange(size) + 0.5) / size * 255
    expected = np.stack([np.full((size, size), 51.0), *np.meshgrid(steps, steps[::-1])], -1)
    np.testing.assert_allclose(worker.apply(Effect(text, 0.2), picture), expected, atol=0.51)
    shifted = worker.apply(
        Effect("color = texture(image, uv + vec2(3.0, 1.0) / resolution).rgb;", 0), picture
    )
    np.testing.assert_allclose(shifted[1:, :-3].astype(int), picture[:-1, 3:], atol=1)


def test_an_effect_gives_the_same_picture_every_time_and_leaves_its_input_alone(
    worker: EffectWorker, picture: np.ndarray
) -> None:
    before, swirl = picture.copy(), Effect("color = texture(image, uv + 0.1 * sin(9.0 * uv.yx)).rgb;", 0.5)
    first = worker.apply(swirl, picture)
    worker.apply(RED, picture)
    np.testing.assert_array_equal(worker.apply(swirl, picture), first)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(("text", "complaint", "line", "column"), REFUSED, ids=short)
def test_what_is_no_effect_is_refused_at_its_place(
    worker: EffectWorker, picture: np.ndarray, text: str, complaint: str, line: int | None, column: int | None
) -> None:
    restarts = worker.restarts
    with pytest.raises(EffectError) as caught:
        worker.apply(Effect(text, 0.7), picture)
    error = caught.value
    assert complaint in str(error)
    assert (error.line, error.column if column else None, error.stopped) == (line, column, False)
    assert error.text == text
    assert len(str(error)) < 400, "a hostile text isn't sent back whole"
    assert worker.restarts == restarts


@pytest.mark.parametrize(("text", "line"), TOO_MANY_TURNS, ids=short)
def test_a_loop_without_end_is_left_and_named(
    worker: EffectWorker, picture: np.ndarray, text: str, line: int
) -> None:
    restarts = worker.restarts
    with pytest.raises(EffectStoppedError, match="this loop took more than 4,096 turns") as caught:
        worker.apply(Effect(text, 0.7), picture)
    assert caught.value.line == line
    assert worker.restarts == restarts, "the process need not end for it"


@pytest.mark.parametrize("text", ODD_BUT_FINE, ids=short)
def test_odd_effects_give_a_picture(worker: EffectWorker, picture: np.ndarray, text: str) -> None:
    assert worker.apply(Effect(text, 0.7), picture).shape == picture.shape


@pytest.mark.parametrize(
    ("text", "byte"), [("0.0 / zero", 0), ("1.0 / zero", 255), ("-1.0 / zero", 0), ("1e6", 255), ("-3.0", 0)]
)
def test_no_value_leaves_the_range_and_nan_is_black(
    worker: EffectWorker, picture: np.ndarray, text: str, byte: int
) -> None:
    received = worker.apply(Effect(f"float zero = uv.x - uv.x; color = vec3({text});", 0), picture)
    assert (received == byte).all()


@pytest.mark.parametrize("text", HEAVY, ids=short)
def test_what_does_not_finish_is_killed_and_not_tried_again(picture: np.ndarray, text: str) -> None:
    with EffectWorker(len(picture), timeout=0.4) as worker:
        worker.start()
        first, begin = worker.pid, time.monotonic()
        with pytest.raises(EffectStoppedError) as caught:
            worker.apply(Effect(text, 0.5), picture)
        assert time.monotonic() - begin < 2.0
        assert caught.value.text == text
        assert not psutil.pid_exists(first)
        with pytest.raises(EffectStoppedError, match="not tried again"):
            worker.apply(Effect(text, 0.6), picture)
        assert worker.pid is None, "a known one isn't let near the process"
        worker.timeout = 20.0
        assert (worker.apply(RED, picture) == (255, 0, 0)).all()


def test_a_machine_too_busy_to_run_an_effect_is_not_held_against_it(picture: np.ndarray) -> None:
    """The process is stopped for longer than its time, as if it got no processor, and goes on."""
    with EffectWorker(len(picture), timeout=1.0) as worker:
        worker.apply(RED, picture)
        os.kill(worker.pid, signal.SIGSTOP)
        timer = threading.Timer(1.3, os.kill, (worker.pid, signal.SIGCONT))
        timer.start()
        assert (worker.apply(RED, picture) == (255, 0, 0)).all()
        timer.join()
        assert worker.restarts == 0


def test_a_process_that_dies_for_reasons_of_its_own_is_not_held_against_the_effect(
    picture: np.ndarray,
) -> None:
    with EffectWorker(len(picture), timeout=20.0) as worker:
        worker.apply(RED, picture)
        os.kill(worker.pid, signal.SIGKILL)
        assert (worker.apply(RED, picture) == (255, 0, 0)).all()
        assert worker.restarts == 1


def test_many_effects_leave_memory_bounded(worker: EffectWorker, picture: np.ndarray) -> None:
    def show(start: int, stop: int) -> int:
        for number in range(start, stop):
            worker.apply(Effect(f"color.r = {number}.0 / 400.0;", 0.5), picture)
        return psutil.Process(worker.pid).memory_info().rss

    warm = show(0, 100)
    assert show(100, 300) < warm + 40 * 2**20


def test_a_picture_of_another_size_is_refused(worker: EffectWorker) -> None:
    with pytest.raises(ValueError, match="expected uint8 of shape"):
        worker.apply(RED, np.zeros((10, 10, 3), np.uint8))


@pytest.mark.parametrize(
    ("patch", "active"),
    [
        ({}, False),
        ({"post.custom_value": 0.6}, True),
        ({"post.custom": ""}, False),
        ({"post.custom": " \n", "post.custom_value": 1.0}, False),
        ({"post.custom": "color = color;"}, True),
    ],
)
def test_an_effect_is_off_when_empty_or_contrast_at_its_middle(patch: dict, active: bool) -> None:
    assert (Effect.from_state(SceneState.default().changed(patch)) is not None) == active


def test_no_text_leaves_the_function_or_keeps_an_uncounted_loop() -> None:
    """Of random rows of tokens, what is taken is balanced, and every loop's condition counts."""
    generator = random.Random(3)
    pieces = [*"{}();; x1#\\=\n", "for", "while", "do", "//", "/*", "*/"]
    taken = 0
    for _ in range(20_000):
        text = "".join(generator.choices(pieces, k=generator.randint(1, 12)))
        try:
            code = translate(text).code
        except EffectError:
            continue
        taken += 1
        depth = 0
        for letter in code:
            depth += (letter == "{") - (letter == "}")
            assert depth >= 0, text
        assert depth == 0, text
        assert not re.search(r"[#\\]|//|/\*", code), text
        loops = len(re.findall(r"\b(?:for|while)\b", code))
        assert code.count("perturber_turn(") == loops, text
    assert taken > 500


def test_every_place_of_the_translation_leads_back_to_the_text() -> None:
    text = "while (value < a) { for (;;) b; }\n/* c */ for (int i = 0; c; i++) do e; while (d);\nfor(;;)f;"
    translation = translate(text)
    code, walked = translation.code, 0
    for offset, letter in enumerate(text.replace("/* c */", " " * 7)):
        walked = code.index(letter, walked) if letter not in " ()" else walked
        if letter in " ()":  # the translation inserts such
            continue
        line, column = code[:walked].count("\n") + 1, walked - (code.rfind("\n", 0, walked) + 1) + 1
        found = translation.place(line, column)
        assert found == (text[:offset].count("\n") + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)
        walked += 1
