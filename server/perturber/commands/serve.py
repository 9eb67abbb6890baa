"""`perturber serve`: the dashboard."""

import argparse
import socket

import uvicorn

from perturber.app import create_app
from perturber.errors import PerturberError
from perturber.explain.class_images import ClassImages
from perturber.protocol import MAX_MESSAGE_BYTES
from perturber.studio import StudioSettings

# Messages above the protocol's limit are refused with an error; only far larger ones end the connection.
_WEBSOCKET_LIMIT = 64 * MAX_MESSAGE_BYTES


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    images = None if options.class_images is None else ClassImages(options.class_images)
    listener = bind(options.host, options.port)
    host, port = listener.getsockname()[:2]
    settings = StudioSettings(device=options.device, class_images=images is not None)
    config = uvicorn.Config(
        create_app(settings, host=options.host, class_images=images),
        log_level="warning",
        ws="websockets-sansio",
        ws_max_size=_WEBSOCKET_LIMIT,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    print("Starting the renderer and loading the networks ...", flush=True)
    server = _Announcing(config, f"http://{f'[{host}]' if ':' in host else host}:{port}")
    server.run(sockets=[listener])
    return 0 if server.started else 1


class _Announcing(uvicorn.Server):
    """Says where the dashboard is once it really is there."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Perturber is at {self._address}  (Ctrl+C ends it)", flush=True)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        PerturberError: the address or port can't be had; the message gives the cure.
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except (OSError, OverflowError) as error:
        raise PerturberError(
            f"can't listen on {host}, port {port}: {error}; is another program (or another perturber) there? "
            f"Choose a free port with --port, 0 for any"
        ) from error
