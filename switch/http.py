"""The operators' HTTP face: /metrics, /health and /ready, on uvicorn.

uvicorn, because the portal will run on it too, so that the daemon has one web server; used bare, as
an ASGI function, it shares our loop, leaves the signals to us and adds no framework.
"""

import errno
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypedDict, cast

from uvicorn import Config, Server

MAX_CONNECTIONS = 64
"""Scrapers and probes at once; more is somebody else's traffic."""

TEXT = b"text/plain; charset=utf-8"
METRICS_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class Scope(TypedDict):
    """What ASGI says of a request, as far as we read it."""

    type: str
    method: str
    path: str


Answer = tuple[int, bytes, bytes]
Receive = Callable[[], Awaitable[dict[str, object]]]
Send = Callable[[dict[str, object]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Probes:
    """What the pages show."""

    metrics: Callable[[], bytes]
    why_not_ready: Callable[[], str | None]
    """The reason why no traffic should come now; None when it may."""


class HttpError(Exception):
    """The server's address cannot be used; the text is one line for the operator."""


class HttpServer:
    """The pages on one socket."""

    def __init__(self, host: str, port: int, probes: Probes) -> None:
        self._socket = bind_pages(host, port)
        self._probes = probes
        config = Config(
            self._serve_request,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
            server_header=False,
        )
        self._server = _QuietServer(config)

    @property
    def address(self) -> tuple[str, int]:
        """Where the pages are."""
        host, port, *_ = self._socket.getsockname()
        return str(host), int(port)

    async def run(self) -> None:
        """Serve until `close`."""
        await self._server.serve(sockets=[self._socket])

    def close(self) -> None:
        """End `run` after the requests under way."""
        self._server.should_exit = True

    async def _serve_request(self, scope: object, _receive: object, send: object) -> None:
        request, reply = cast("Scope", scope), cast("Send", send)
        if request["type"] != "http":
            return
        status, kind, body = self._answer(request["method"], request["path"])
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await reply({"type": "http.response.start", "status": status, "headers": headers})
        content = b"" if request["method"] == "HEAD" else body
        await reply({"type": "http.response.body", "body": content})

    def _answer(self, method: str, path: str) -> Answer:
        if method not in {"GET", "HEAD"}:
            return 405, TEXT, b"method not allowed\n"
        match path:
            case "/metrics":
                return 200, METRICS_TEXT, self._probes.metrics()
            case "/health":
                return 200, TEXT, b"ok\n"
            case "/ready":
                reason = self._probes.why_not_ready()
                return (503, TEXT, f"{reason}\n".encode()) if reason else (200, TEXT, b"ready\n")
            case _:
                return 404, TEXT, b"not found\n"


class _QuietServer(Server):
    """uvicorn without its own signal handling: the signals are the composition root's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def bind_pages(host: str, port: int) -> socket.socket:
    """Open the pages' socket; raise `HttpError` when the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(MAX_CONNECTIONS)
    except OSError as error:
        sock.close()
        taken = error.errno == errno.EADDRINUSE
        reason = "the port is taken by another program" if taken else error.strerror
        raise HttpError(f"http {host}:{port}: {reason}; change [http] host or port") from None
    return sock
