"""The `perturber` program: arguments in, one module of `perturber.commands` called."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from perturber import __version__, paths
from perturber.errors import PerturberError
from perturber.parameter import ParameterError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all went well, 1 when it didn't, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    command = importlib.import_module(f"perturber.commands.{options.command}")
    try:
        return int(command.run(options))
    except (PerturberError, ParameterError) as error:
        print(f"perturber {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("perturber", description="Visual analytics for the robustness of CNNs.")
    parser.add_argument("--version", action="version", version=f"perturber {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _serve(commands.add_parser("serve", help="start the dashboard"))
    _snapshot(commands.add_parser("snapshot", help="make one frame without a browser"))
    _predict(commands.add_parser("predict", help="classify picture files"))
    _attack(commands.add_parser("attack", help="perturb a picture until a network is wrong"))
    _featurevis(commands.add_parser("featurevis", help="make pictures of what units want to see"))
    _models(commands.add_parser("models", help="list, fetch or import networks"))
    _train(commands.add_parser("train", help="make a bundled network again from the data"))
    _doctor(commands.add_parser("doctor", help="check that everything the dashboard needs is there"))
    _bench(commands.add_parser("bench", help="measure frames a second, stage by stage"))
    commands.add_parser("parameters", help="print the table of all parameters as Markdown")
    return parser


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000, help="port to bind, 0 for any free one")
    parser.add_argument(
        "--class-images",
        type=Path,
        metavar="DIR",
        help="real examples of classes: a subfolder of pictures for each, named by wnid or class name",
    )
    _device(parser)


def _snapshot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a parameter: camera.yaw=-23.3",
    )
    parser.add_argument(
        "--effect", type=Path, metavar="FILE", help="a custom effect in GLSL (docs/effects.md): post.custom"
    )
    model = "a model of your own: OBJ with its MTL and textures, GLB, PLY or STL"
    parser.add_argument("--object", type=Path, nargs="+", metavar="FILE", help=model)
    parser.add_argument(
        "--object-end", type=Path, nargs="+", metavar="FILE", help="what the object morphs into"
    )
    parser.add_argument("--background", type=Path, metavar="FILE", help="a picture behind the object")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="a picture instead of the scene")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where scene.png and frame.json go"
    )
    _device(parser)


def _predict(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", metavar="IMAGE")
    _model(parser)
    parser.add_argument("--top", type=int, default=5, metavar="K", help="how many classes (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON line an image")
    _device(parser)


def _attack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "image", nargs="?", metavar="IMAGE", help="a picture file; its central square, 224 px"
    )
    parser.add_argument("--state", type=Path, metavar="FILE", help="a scene: the frame.json of a snapshot")
    _model(parser)
    parser.add_argument("--method", default="pgd", help="pgd, fgsm, jsma, evolution or cppn (default pgd)")
    parser.add_argument("--norm", help="l2, linf or l0; the method's own by default")
    parser.add_argument(
        "--eps",
        type=_fraction,
        metavar="E",
        help="largest perturbation, or inf; default: 1 in l2, 8/255 in linf, 100 pixels in l0",
    )
    parser.add_argument(
        "--steps", type=int, default=20, metavar="N", help="steps or generations (default 20)"
    )
    parser.add_argument("--step-size", type=_fraction, metavar="S", help="default: epsilon/8; FGSM: epsilon")
    parser.add_argument(
        "--target", metavar="NAME", help="a class name or wnid; without it: away from the top class"
    )
    parser.add_argument("--seed", type=int, default=0, help="of random start and evolution (default 0)")
    parser.add_argument(
        "--random-start", action="store_true", help="PGD: start at a random point of the ball"
    )
    parser.add_argument("--compare", action="store_true", help="ask all networks: does the attack transfer?")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="where adversarial.png, perturbation.npy and attack.json go",
    )
    _device(parser)


def _fraction(text: str) -> float:
    above, slash, below = text.partition("/")
    try:
        return float(above) / (float(below) if slash else 1)
    except (ValueError, ZeroDivisionError):
        expected = "a number or a fraction such as 8/255"
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}") from None


def _featurevis(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument("--layer", metavar="L", help="such as mixed4a; without it only classes")
    parser.add_argument("--units", type=_units, metavar="1,2,3", help="units of the layer, or classes")
    parser.add_argument(
        "--objective",
        choices=["neuron", "channel", "class"],
        default="neuron",
        help="a channel's central unit (default), the mean of its map, or a class's logit",
    )
    parser.add_argument("--naive", action="store_true", help="pixels instead of Fourier coefficients")
    parser.add_argument(
        "--diversity", action="store_true", help="four pictures a unit, each unlike the others"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="of gradient ascent (default 48)")
    parser.add_argument("--seed", type=int, default=0, help="of start and transformations (default 0)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for a PNG a unit and featurevis.json")
    parser.add_argument("--sheets", action="store_true", help="make the shipped sheets anew, on all cores")
    _device(parser)


def _units(text: str) -> list[int]:
    try:
        return [int(unit) for unit in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected numbers such as 1,2,3, got {text!r}") from None


def _models(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="the networks that there are")
    fetch = actions.add_parser("fetch", help="download the published ImageNet weights")
    fetch.add_argument("family", choices=["imagenet"])
    import_ = actions.add_parser("import", help="take a network's weights from a file")
    import_.add_argument("file", type=Path, metavar="FILE", help=".safetensors, .pth or .pt")
    import_.add_argument("--name", required=True, help="the variant's name: a-z, 0-9 and -")
    import_.add_argument(
        "--classes",
        type=Path,
        metavar="FILE",
        help="class list: 'wnid<TAB>name' a line",
    )
    import_.add_argument("--family", metavar="NAME", help="an existing family: its input size and classes")
    import_.add_argument(
        "--arch",
        default="inception-v1",
        metavar="ARCHITECTURE",
        help="whose weights: inception-v1 (default), torchvision:resnet18, timm:convnext_atto, ...",
    )
    add = actions.add_parser("add", help="take a classifier of torchvision or timm")
    add.add_argument("architecture", metavar="ARCHITECTURE", help="torchvision:resnet18, timm:resnet10t, ...")
    add.add_argument("--name", required=True, help="the variant's name: a-z, 0-9 and -")
    weights = add.add_mutually_exclusive_group(required=True)
    weights.add_argument("--pretrained", action="store_true", help="the library's own weights, downloaded")
    weights.add_argument("--random", type=int, metavar="SEED", help="random weights, for tests and teaching")
    _evaluate(actions.add_parser("evaluate", help="measure how good and how robust the networks are"))
    _pack(actions.add_parser("pack", help="bundle the networks of finished trainings"))


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="Tiny ImageNet's mosaics, or a subfolder of pictures for each class, called by wnid or name",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        metavar="VARIANT[@N]",
        help="networks, or checkpoints of them (default: all finished ones of the bundled family)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="on a few hundred pictures: minutes on two cores"
    )
    parser.add_argument(
        "--attacked", type=int, metavar="N", help="pictures that are attacked (default 500, quick 100)"
    )
    parser.add_argument("--exact", action="store_true", help="float32 even where bfloat16 is faster")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
    _device(parser)


def _pack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs", nargs="+", metavar="VARIANT=DIR", help="adversarial=DIR or stylized=DIR: the --out of train"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="Tiny ImageNet's mosaics")
    parser.add_argument(
        "--checkpoints", type=int, default=5, metavar="N", help="weights on the way that are kept (default 5)"
    )
    parser.add_argument(
        "--pictures",
        type=int,
        default=10_000,
        metavar="N",
        help="validation pictures that accuracies are measured on; on the way at most 2,000 (default all)",
    )
    parser.add_argument(
        "--out", type=Path, default=paths.MODELS, metavar="DIR", help="models folder (default: the bundled)"
    )
    _device(parser)


def _train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "variant",
        choices=["standard", "adversarial", "stylized", "decoder"],
        help="the network, or the decoder that stylizing needs",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="Tiny ImageNet's mosaics")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="for weights, log, checkpoint")
    parser.add_argument("--epochs", type=float, help="passes over the pictures (default: the recipe's)")
    parser.add_argument("--minutes", type=float, help="pause after so long; --resume goes on")
    parser.add_argument("--epsilon", type=float, help="adversarial: L2 radius of the attack (default 1)")
    parser.add_argument("--seed", type=int, help="of all random numbers (default 0)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    _device(parser)


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="the port that serve will use")
    _device(parser)


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--frames", type=int, default=150, help="frames a configuration (default 150)")
    _device(parser)


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="standard", metavar="VARIANT", help="network (default standard)")
    parser.add_argument(
        "--checkpoint", type=int, default=0, metavar="N", help="fine-tuning iteration; 0: final"
    )


def _device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="auto", help="torch device: auto, cpu, cuda, ... (default auto)")


if __name__ == "__main__":
    sys.exit(main())
