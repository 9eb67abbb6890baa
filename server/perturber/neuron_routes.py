"""What the page asks of networks and classes by plain requests: pictures and names of classes, kernels."""

from collections.abc import Mapping

from fastapi import FastAPI, HTTPException, Request, Response

from perturber.errors import PerturberError
from perturber.explain import class_pictures, sheets
from perturber.explain.kernels import first_kernels
from perturber.explain.visualization import data_url
from perturber.nets import catalog as nets_catalog
from perturber.nets.catalog import UnknownModelError
from perturber.nets.classes import ClassName, read_classes
from perturber.parameter import ParameterError, parse_units
from perturber.parameters import TABLE, SceneState
from perturber.slots import SLOTS


def add_routes(app: FastAPI) -> None:
    """Add them to the application; its `studio` and `class_images` are read when a request comes."""
    app.add_api_route("/api/class-picture/{variant}/{index}", class_picture)
    app.add_api_route("/api/classes/{variant}", class_names)
    app.add_api_route("/api/kernels/{slot}", kernels)
    app.add_api_route("/api/feature-visualizations/{variant}", shipped_visualizations)


def class_picture(variant: str, index: int, request: Request) -> Response:
    """The WebP picture of class `index` of `variant`; 404 where there is none.

    A real example where the user has one, else what the network sees in the class: `Perturber-Picture` in the
    answer's header says which.
    """
    images = request.app.state.class_images
    example = None
    if images is not None:
        classes = _classes(variant)
        name = classes[index] if 0 <= index < len(classes) else None
        example = None if name is None else images.find(name)
    picture = example or class_pictures.find(variant, index)
    if picture is None:
        raise HTTPException(404, f"no class picture of {variant!r}, class {index}")
    kind = "example" if example else "visualization"
    # Another start of the server may show other examples.
    headers = {"Cache-Control": "no-cache" if images else "max-age=3600", "Perturber-Picture": kind}
    return Response(picture, media_type="image/webp", headers=headers)


def class_names(variant: str) -> list[dict[str, object]]:
    """The classes of `variant`, in the order of its outputs; 404 where there is no such network."""
    classes = enumerate(_classes(variant))
    return [{"index": index, "wnid": row.wnid, "class": row.name} for index, row in classes if row]


def _classes(variant: str) -> tuple[ClassName | None, ...]:
    try:
        entry = nets_catalog.find(variant, 0)
    except UnknownModelError as error:
        raise HTTPException(404, str(error)) from None
    return read_classes(entry.classes, entry.num_classes)


def shipped_visualizations(
    variant: str, layer: str, units: str, response: Response, naive: bool = False
) -> dict[int, dict[int, str]]:
    """The shipped pictures of `units` as `data:` addresses, by checkpoint and unit; 400 for no units."""
    try:
        numbers = parse_units(units)
    except ParameterError as error:
        raise HTTPException(400, str(error)) from None
    response.headers["Cache-Control"] = "max-age=3600"
    entries = [entry for entry in nets_catalog.entries() if entry.variant == variant]
    shipped = {entry.checkpoint: sheets.of_checkpoint(entry, layer, numbers, naive) for entry in entries}
    return {
        checkpoint: {unit: data_url(found.pixels) for unit, found in pictures.items()}
        for checkpoint, pictures in shipped.items()
        if pictures
    }


def kernels(slot: str, request: Request) -> dict[str, object]:
    """The first convolution of the network that `slot` holds in the query's state; 400 where there is none.

    `kernels` is flat, of `shape` (units, 3, height, width), to five digits; `largest` the largest magnitude.
    """
    if slot not in SLOTS:
        raise HTTPException(404, f"slot: expected one of {', '.join(SLOTS)}, got {slot[:60]!r}")
    try:
        networks = request.app.state.studio.pipeline.networks
        network = networks.load(state_of(request.query_params), slot, None).classifier.network
        weights = first_kernels(network)
    except (ParameterError, PerturberError) as error:
        raise HTTPException(400, str(error)) from error
    flat = [float(f"{weight:.5g}") for weight in weights.flatten().tolist()]
    return {"shape": list(weights.shape), "largest": float(weights.abs().max()), "kernels": flat}


def state_of(query: Mapping[str, str]) -> SceneState:
    """The default state with a query's values; a key that there isn't is refused with the others.

    Raises:
        ParameterError: a value that doesn't fit its parameter.
    """
    values = {key: TABLE[key].parse(text) if key in TABLE else text for key, text in query.items()}
    return SceneState.default().changed(values)
