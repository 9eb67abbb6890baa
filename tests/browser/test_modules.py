"""The page's modules, each against something else: the server's own code, or colour science."""

import base64
from typing import Any

import numpy as np
import pytest
from skimage.color import rgb2lab

from perturber import protocol
from perturber.parameter import ParameterError
from perturber.parameters import TABLE, SceneState
from tests.browser.driver import Dashboard

ENTRIES = [
    ("camera.yaw", ["-23.3", "180", "180.1", "-1e2", "", "abc", "nan", "Infinity", "0x10", "1 2"]),
    ("post.patch_shuffle", ["1", "8", "9", "2.5", "-1", "3.0"]),
    ("model1.enabled", ["true", "false", "1", "0", "TRUE", "yes", ""]),
    ("view.layer", ["conv2d0", "mixed5b", "mixed6a", ""]),
    ("view.units", ["0", "222,308", "222, 308", "1,1", "1,2,3,4,5,6,7,8,9", "x", "", "-1", "1,", "00012"]),
    (
        "scene.featvis",
        ["", "mixed4a:222", " a.b : 007", "a:12345", "mixed4a", ":3", "a:b", "a:1,2", "a:\u0663"],
    ),
    (
        "post.custom",
        ["", "a\r\n\tb", "a\rb", "x" * 4000, "x" * 4001, "\x00", "\x85", "\u2028", "// \u00fc \U0001f600"],
    ),
    (
        "edit.prune.conv2d0",
        ["0,1", "0.2, 0.9", "1e-1,.50", "0.12345,1", "-0,0", "0.9,0.2", "0,1.1", "0", "0,1,1", "a,b", ""],
    ),
]


def run(dashboard: Dashboard, module: str, body: str, argument: object = None) -> Any:
    """The value of `body`, a function body that sees the module as `m` and the argument as `x`."""
    script = f"async (x) => {{ const m = await import('/js/{module}.js'); {body} }}"
    return dashboard.page.evaluate(script, argument)


def by_the_server(key: str, text: str) -> object:
    try:
        return TABLE[key].parse(text)
    except ParameterError as error:
        return f"expected {error.expected}"


def test_page_and_server_take_and_refuse_the_same_texts(dashboard: Dashboard) -> None:
    body = """return x.texts.map((text) => {
      try { return m.parse(x.row, text); } catch (error) { return `expected ${error.expected}`; } });"""
    for key, texts in ENTRIES:
        received = run(dashboard, "parameters", body, {"row": TABLE[key].describe(), "texts": texts})
        for text, value in zip(texts, received, strict=True):
            expected = by_the_server(key, text)
            if isinstance(expected, str) and expected.startswith("expected"):
                assert str(value).startswith("expected"), (key, text)
            else:
                assert value == expected, (key, text)


def test_an_address_written_by_the_page_is_the_servers_difference(dashboard: Dashboard) -> None:
    patch = {"camera.yaw": -23.3, "morph.overall": 1.0, "view.units": "222,9,308,4", "model2.enabled": False}
    hash_ = run(
        dashboard, "permalink", "return m.toHash(x);", SceneState.default().changed(patch).difference()
    )
    assert hash_ == "#camera.yaw=-23.3&morph.overall=1&model2.enabled=false&view.units=222,9,308,4"
    pairs = dict(pair.split("=") for pair in hash_[1:].split("&"))
    assert {key: TABLE[key].parse(text) for key, text in pairs.items()} == patch


FRAME_BODY = """
  const bytes = Uint8Array.from(atob(x), (letter) => letter.charCodeAt(0)).buffer;
  try {
    const frame = m.decodeBinary(bytes);
    const buffers = {};
    for (const [name, { shape, data }] of Object.entries(frame.buffers)) buffers[name] = [shape, [...data]];
    return { revision: frame.revision, buffers };
  } catch (error) { return error.constructor.name; }
"""


def test_frames_of_the_server_arrive_value_for_value_and_damaged_ones_are_refused(
    dashboard: Dashboard,
) -> None:
    picture = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    maps = np.array([[[-1.5, 0.25]]], dtype=np.float32)
    header = {"revision": 7, "models": {}, "timing_ms": {}}
    data = protocol.encode_frame(header, {"picture": picture, "model1.activations": maps})

    def decode(message: bytes) -> Any:
        return run(dashboard, "protocol", FRAME_BODY, base64.b64encode(message).decode())

    assert decode(data) == {
        "revision": 7,
        "buffers": {
            "picture": [[3, 3, 3], list(range(27))],
            "model1.activations": [[1, 1, 2], [-1.5, 0.25]],
        },
    }
    damaged_ones = {
        "empty": b"",
        "another magic": b"PTBX" + data[4:],
        "header not JSON": data.replace(b'"revision"', b'"revisio"n'),
        "header cut": data[:40],
        "payload cut": data[:-8],
        "no picture": protocol.encode_frame(header, {"a": maps}),
    }
    for name, damaged in damaged_ones.items():
        assert decode(damaged) == "ProtocolError", name


def test_reconnecting_waits_longer_each_time_with_jitter_and_a_limit(dashboard: Dashboard) -> None:
    shortest = run(dashboard, "connection", "return x.map((n) => m.retryDelay(n, 0));", list(range(12)))
    longest = run(dashboard, "connection", "return x.map((n) => m.retryDelay(n, 0.999999));", list(range(12)))
    assert shortest == sorted(shortest)
    assert longest[0] == pytest.approx(500, rel=1e-3)
    assert max(longest) <= 10_000
    assert all(low < high for low, high in zip(shortest, longest, strict=True))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_equal_magnitudes_look_equally_strong_in_red_and_blue(dashboard: Dashboard, theme: str) -> None:
    packed = run(dashboard, "views/diverging", "return [...m.makeColours(x)];", theme)
    rgb = np.array([[colour & 255, colour >> 8 & 255, colour >> 16 & 255] for colour in packed])
    lightness = rgb2lab(rgb[None] / 255)[0, :, 0]
    zero, magnitude = lightness[255], np.abs(lightness - lightness[255])
    assert (zero < 15) == (theme == "dark")
    assert (zero > 95) == (theme == "light")
    # Strength rises with magnitude on both sides, to the same height.
    assert np.all(np.diff(magnitude[255::15]) > 0)
    assert np.all(np.diff(magnitude[255::-15]) > 0)
    np.testing.assert_allclose(magnitude[::-1], magnitude, atol=0.1 * magnitude.max())
    # Red positive, blue negative, zero neutral.
    assert rgb[-1, 0] > rgb[-1, 2] + 80
    assert rgb[0, 2] > rgb[0, 0] + 80
    assert np.ptp(rgb[255]) < 8
