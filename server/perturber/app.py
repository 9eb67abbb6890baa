"""The FastAPI application: the page, the websocket, the edited weights."""

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from perturber import __version__, paths
from perturber.attacks.attack import logits_of
from perturber.attacks.export import FILES, lost_in_8_bits
from perturber.errors import PerturberError
from perturber.explain.class_images import ClassImages
from perturber.neuron_routes import add_routes, state_of
from perturber.parameter import ParameterError
from perturber.session import Session
from perturber.slots import edit_of
from perturber.studio import Studio, StudioSettings
from perturber.uploads.routes import router as uploads_router

LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"]

_log = logging.getLogger(__name__)


def create_app(
    settings: StudioSettings, *, host: str = "127.0.0.1", class_images: ClassImages | None = None
) -> FastAPI:
    """The application for a server bound to `host`; its lifespan owns render worker and networks.

    `class_images` are the user's real examples of classes.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Studio(settings) as studio:
            await asyncio.to_thread(studio.warm_up)
            app.state.studio = studio
            yield

    app = FastAPI(title="Perturber", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.class_images = class_images
    if _is_loopback(host):
        # A foreign page could otherwise reach the server under its own name (DNS rebinding).
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)
    app.add_api_route("/api/health", health)
    add_routes(app)
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
        edit = edit_of(state_of(request.query_params))
        content = request.app.state.studio.pipeline.networks.edited(edit).to_safetensors()
    except (ParameterError, PerturberError) as error:
        raise HTTPException(400, str(error)) from error
    attachment = {"Content-Disposition": 'attachment; filename="edited.safetensors"'}
    return Response(content, media_type="application/octet-stream", headers=attachment)


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
