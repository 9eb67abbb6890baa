"""The `perturber` program as a user calls it."""

import json
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from perturber.cli import main
from perturber.parameters import TABLE


def test_snapshot_writes_the_picture_and_all_that_belongs_to_it(tmp_path: Path) -> None:
    settings = ["--set", "camera.yaw=-23.3", "--set", "morph.overall=1", "--set", "view.units=3,4"]
    assert main(["snapshot", *settings, "--out", str(tmp_path / "new" / "folder")]) == 0
    with Image.open(tmp_path / "new" / "folder" / "scene.png") as picture:
        assert picture.size == (224, 224)
    frame = json.loads((tmp_path / "new" / "folder" / "frame.json").read_text())
    assert set(frame) == {"revision", "state", "models", "activations", "timing_ms"}
    assert set(frame["state"]) == set(TABLE)
    assert frame["state"]["camera.yaw"] == -23.3
    assert set(frame["models"]) == {"model1", "model2"}
    assert frame["models"]["model1"]["variant"] == "standard"
    assert [set(row) for row in frame["models"]["model1"]["top"]] == [
        {"index", "wnid", "class", "logit", "probability"}
    ] * 5
    assert np.array(frame["activations"]["model1"]["maps"]).shape == (2, 8, 8)


def test_two_snapshots_of_one_state_are_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        main(["snapshot", "--set", "post.patch_shuffle=4", "--out", str(tmp_path / name)])
    assert (tmp_path / "a/scene.png").read_bytes() == (tmp_path / "b/scene.png").read_bytes()


def test_snapshot_takes_a_custom_effect_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "red.glsl"
    file.write_text("// all red\ncolor = vec3(1.0, value, 0.0);\n")
    settings = ["--effect", str(file), "--set", "post.custom_value=0.2"]
    assert main(["snapshot", *settings, "--out", str(tmp_path)]) == 0
    with Image.open(tmp_path / "scene.png") as picture:
        assert (np.asarray(picture) == (255, 51, 0)).all()
    frame = json.loads((tmp_path / "frame.json").read_text())
    assert frame["state"]["post.custom"] == file.read_text().rstrip("\n")
    assert frame["timing_ms"]["effect"] > 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--set", "camera.yaw=left"], "camera.yaw: expected a number in [-180, 180], got 'left'"),
        (["--set", "camera.jaw=1"], "expected a parameter key"),
        (["--set", "camera.yaw"], "expected KEY=VALUE"),
        (["--effect", "no/such.glsl"], "--effect: expected a text file"),
        (["--set", "post.custom=color = colr;"], "custom effect, line 1, column 9: 'colr' undeclared"),
        (["--device", "abacus"], "device: expected"),
        (["--set", "model1.checkpoint=99"], "checkpoint of standard: expected"),
    ],
)
def test_snapshot_says_what_was_wrong(
    tmp_path: Path, arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["snapshot", *arguments, "--out", str(tmp_path)]) == 1
    assert complaint in capsys.readouterr().err


def test_a_picture_is_predicted_as_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["snapshot", "--out", str(tmp_path)])
    capsys.readouterr()
    file = str(tmp_path / "scene.png")
    assert main(["predict", file, "--model", "standard", "--top", "3", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    frame = json.loads((tmp_path / "frame.json").read_text())
    assert line["image"] == file
    shown = frame["models"]["model1"]["top"][:3]
    assert [row["wnid"] for row in line["top"]] == [row["wnid"] for row in shown]
    assert line["top"][0]["logit"] == pytest.approx(shown[0]["logit"], rel=1e-4)


def test_a_broken_picture_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (90, 40), "red").save(tmp_path / "wide.png")
    Image.new("L", (8, 8)).save(tmp_path / "grey.gif")
    (tmp_path / "no.png").write_bytes(b"not a picture")
    (tmp_path / "cut.png").write_bytes((tmp_path / "wide.png").read_bytes()[:60])
    files = [str(tmp_path / name) for name in ("no.png", "wide.png", "cut.png", "missing.png", "grey.gif")]
    assert main(["predict", *files, "--json"]) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["image"] for line in out.splitlines()] == [files[1], files[4]]
    assert all(file in err for file in (files[0], files[2], files[3]))


def test_an_unknown_model_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "x.png", "--model", "resnet"]) == 1
    assert "variant: expected one of standard" in capsys.readouterr().err


def test_doctor_says_ok_or_the_cure(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["doctor", "--port", str(taken.getsockname()[1])]) == 1
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert {line.split()[0] for line in lines} == {"ok", "broken"}
    assert [line for line in lines if line.startswith("broken")] == [lines[-1]]
    assert "--port" in lines[-1]
    assert "GL: " in out
    assert "weights standard" in out


def test_a_taken_port_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "Choose a free port with --port" in capsys.readouterr().err


def test_bench_reports_every_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--frames", "5", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in report["configurations"]] == ["nav-1", "nav-2", "nav+pv-1", "nav+pv-2"]
    for row in report["configurations"]:
        assert row["fps"] > 0
        assert row["p95_ms"] >= row["p50_ms"] > 0
        assert {"render", "post", "model1"} <= set(row["stages_ms"])
    assert report["recovery_ms"]["p50_ms"] > 0
    assert report["parts"]["frame_over_sum_of_parts"] > 0


def test_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "standard" in capsys.readouterr().out
