"""A load balancer of a few lines: sticky until the server it sticks to is gone, then the next one."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Generator, Sequence


class Balancer:
    """Forwards connections to one of `ports` on this machine; `at` is the one in use."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = list(ports)
        self.at = self.ports[0]
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = self._door.accept()
                threading.Thread(target=self._forward, args=[visitor], daemon=True).start()

    def _forward(self, visitor: socket.socket) -> None:
        server = self._server()
        if server is None:
            visitor.close()
            return
        back = threading.Thread(target=_pipe, args=[server, visitor], daemon=True)
        back.start()
        _pipe(visitor, server)

    def _server(self) -> socket.socket | None:
        for port in [self.at, *self.ports]:
            with contextlib.suppress(OSError):
                found = socket.create_connection(("127.0.0.1", port), timeout=5)
                found.settimeout(None)
                self.at = port
                return found
        return None


def _pipe(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
    except OSError:
        pass
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextlib.contextmanager
def balanced(ports: Sequence[int]) -> Generator[Balancer]:
    made = Balancer(ports)
    try:
        yield made
    finally:
        made.close()
