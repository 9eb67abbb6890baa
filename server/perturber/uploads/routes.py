"""Uploads over HTTP: docs/protocol.md, "Uploads"."""

import io
from urllib.parse import urlsplit

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from PIL import Image

from perturber.scene.errors import AssetError, RenderError
from perturber.scene.own import check_topology
from perturber.scene.view import OwnObject, SceneView
from perturber.uploads import limits
from perturber.uploads.bundle import PREFIX
from perturber.uploads.errors import NotAllowedError, TooLargeError, UploadError
from perturber.uploads.uploads import Body, Uploads, too_large

SESSION_HEADER = "X-Perturber-Session"
ADDRESS = "/api/uploads/{kind}"

router = APIRouter()


@router.post(ADDRESS, status_code=201)
async def upload(kind: str, request: Request) -> dict[str, object]:
    """Take the files of a request's body; their description, with the content's name for the state."""
    uploads: Uploads = request.app.state.studio.uploads
    try:
        quota = uploads.quota(_session(request))
        with uploads.body(kind) as body:
            _check_length(request, kind)
            await _receive(request, body)
            quota.take(body.size)
            return await run_in_threadpool(uploads.take, body)
    except UploadError as error:
        raise HTTPException(error.status, str(error)) from error


@router.get(ADDRESS + "/{content}")
def describe(kind: str, content: str, request: Request) -> dict[str, object]:
    """What is known of a content; 404 when it is gone."""
    try:
        described: dict[str, object] = request.app.state.studio.uploads.store.about(kind, content)
    except UploadError as error:
        raise HTTPException(error.status, str(error)) from error
    return described


@router.get(ADDRESS + "/{content}/thumbnail.webp")
def thumbnail(kind: str, content: str, request: Request) -> Response:
    """A small picture of a content; 404 when it is gone."""
    studio = request.app.state.studio
    try:
        if kind == "object":
            up = str(studio.uploads.store.about(kind, content).get("up", "y"))
            view = SceneView(yaw=-30.0, pitch=18.0, object=OwnObject(content, up=up), background_blur=1.0)
            pixels = studio.worker.render(view)
        else:
            pixels = studio.uploads.store.array(kind, content, "thumbnail")
    except UploadError as error:
        raise HTTPException(error.status, str(error)) from error
    except RenderError as error:
        raise HTTPException(404, str(error)) from error
    return Response(_webp(pixels), media_type="image/webp", headers={"Cache-Control": "max-age=3600"})


@router.get("/api/uploads/object/{start}/morph/{end}", status_code=204)
def check_morph(start: str, end: str, request: Request) -> None:
    """Whether an object can morph into another: 409 says why not."""
    store = request.app.state.studio.uploads.store
    try:
        check_topology(store.arrays("object", start), store.arrays("object", end))
    except UploadError as error:
        raise HTTPException(error.status, str(error)) from error
    except AssetError as error:
        raise HTTPException(409, str(error)) from error


@router.delete(ADDRESS + "/{content}", status_code=204)
def remove(kind: str, content: str, request: Request) -> None:
    """Forget a content, wherever it is shown; one that isn't there is no error."""
    uploads: Uploads = request.app.state.studio.uploads
    try:
        uploads.quota(_session(request))
        uploads.store.remove(kind, content)
    except UploadError as error:
        raise HTTPException(error.status, str(error)) from error


def _session(request: Request) -> str:
    """The session that a request speaks for. A foreign page can neither know it nor send this header."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowedError("expected a request of this dashboard's own page")
    return request.headers.get(SESSION_HEADER, "")


def _check_length(request: Request, kind: str) -> None:
    """Refuse what says itself that it is too large, before it comes."""
    declared = request.headers.get("content-length", "0")
    most = limits.BYTES[kind] + limits.HEADER_BYTES + PREFIX
    if declared.isdigit() and int(declared) > most:
        raise TooLargeError(too_large(kind))


async def _receive(request: Request, body: Body) -> None:
    async for chunk in request.stream():
        body.write(chunk)


def _webp(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    small = Image.fromarray(pixels)
    small.thumbnail((limits.THUMBNAIL, limits.THUMBNAIL))
    buffer = io.BytesIO()
    small.save(buffer, "webp", quality=85)
    return buffer.getvalue()
