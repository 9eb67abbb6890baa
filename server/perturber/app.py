"""The FastAPI application: the page, the websocket, the pictures of classes, the edited weights."""

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from perturber import __version__, paths
from perturber.attacks.attack import logits_of
from perturber.attacks.export import FILES, lost_in_8_bits
from perturber.errors import PerturberError
from perturber.explain import class_pictures, sheets
from perturber.explain.visualization import data_url
from perturber.nets import catalog as nets_catalog
from perturber.nets.catalog import UnknownModelError
from perturber.nets.classes import read_classes
from perturber.parameter import ParameterError, parse_units
from perturber.parameters import TABLE, SceneState
from perturber.session import Session
from perturber.slots import edit_of
from perturber.studio import Studio, StudioSettings
from perturber.uploads.routes import router as uploads_router

LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]

_log = logging.getLogger(__name__)


def create_app(settings: StudioSettings, *, host: str = "127.0.0.1") -> FastAPI:
    """The application for a server bound to `host`; its lifespan owns render worker and networks."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Studio(settings) as studio:
            await asyncio.to_thread(studio.warm_up)
            app.state.studio = studio
            yield

    app = FastAPI(title="Perturber", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    if _is_loopback(host):
        # A foreign page could otherwise reach the server under its own name (DNS rebinding).
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
    app.add_api_route("/api/health", health)
    app.add_api_route("/api/class-picture/{variant}/{index}", class_picture)
    app.add_api_route("/api/feature-visualizations/{variant}", shipped_visualizations)
    app.add_api_route("/api/classes/{variant}", class_names)
    app.add_api_route("/api/attack/{name}/in-8-bits", attack_in_8_bits)
    app.add_api_route("/api/attack/{name}/{file}", attack_file)
    app.add_api_route("/api/edited.safetensors", edited_weights)
    app.include_router(uploads_router)
    app.add_api_websocket_route("/ws", live)
    app.mount("/", StaticFiles(directory=paths.FRONTEND, html=True))
    return app


async def health() -> dict[str, str]:
    """Answers once the server takes visitors."""
    return {"status": "ok", "version": __version__}


def class_picture(variant: str, index: int) -> Response:
    """The WebP picture of class `index` of `variant`; 404 where none is shipped."""
    picture = class_pictures.find(variant, index)
    if picture is None:
        raise HTTPException(404, f"no class picture of {variant!r}, class {index}")
    return Response(picture, media_type="image/webp", headers={"Cache-Control": "max-age=3600"})


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


def class_names(variant: str) -> list[dict[str, object]]:
    """The classes of `variant`, in the order of its outputs; 404 where there is no such network."""
    try:
        entry = nets_catalog.find(variant, 0)
    except UnknownModelError as error:
        raise HTTPException(404, str(error)) from None
    classes = enumerate(read_classes(entry.classes, entry.num_classes))
    return [{"index": index, "wnid": row.wnid, "class": row.name} for index, row in classes if row]


def attack_file(name: str, file: str, request: Request) -> Response:
    """A file of the active attack `name`; 404 once it is over."""
    attack = request.app.state.studio.attacks.get(name)
    if attack is None or file not in FILES:
        raise HTTPException(404, f"no file {file!r} of an active attack {name!r}")
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(FILES[file](attack.now), media_type="application/octet-stream", headers=headers)


def attack_in_8_bits(name: str, request: Request) -> dict[str, bool]:
    """Whether the active attack `name` is `lost` once rounded to 8 bits; 404 once it is over."""
    attack = request.app.state.studio.attacks.get(name)
    if attack is None:
        raise HTTPException(404, f"no active attack {name!r}")
    return {"lost": lost_in_8_bits(logits_of(attack.aim.classifier), attack.now)}


def edited_weights(request: Request) -> Response:
    """The Edited Model of the query's parameters as a weight file; 400 where there is none."""
    try:
        edit = edit_of(_state(request.query_params))
        content = request.app.state.studio.pipeline.networks.edited(edit).to_safetensors()
    except (ParameterError, PerturberError) as error:
        raise HTTPException(400, str(error)) from error
    attachment = {"Content-Disposition": 'attachment; filename="edited.safetensors"'}
    return Response(content, media_type="application/octet-stream", headers=attachment)


def _state(query: Mapping[str, str]) -> SceneState:
    """The default state with a query's values; a key that there isn't is refused with the others."""
    values = {key: TABLE[key].parse(text) if key in TABLE else text for key, text in query.items()}
    return SceneState.default().changed(values)


async def live(websocket: WebSocket) -> None:
    """One session, from its websocket's opening to its end."""
    if not _same_origin(websocket):
        await websocket.close(1008, "the Origin is not this server's")
        return
    await websocket.accept()
    session = Session(websocket, websocket.app.state.studio)
    frames, rows = (asyncio.create_task(run()) for run in (session.run_frames, session.rows.run))
    try:
        await _receive_until_gone(websocket, session, frames)
    finally:
        session.close()
        for task in (frames, rows):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await task


async def _receive_until_gone(websocket: WebSocket, session: Session, frames: asyncio.Task[None]) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while not frames.done():
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await session.receive(message.get("text"), message.get("bytes"))


def _same_origin(websocket: WebSocket) -> bool:
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
