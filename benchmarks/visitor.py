"""A visitor without a browser: opens a page of a running server over its websocket and counts what comes back."""

from __future__ import annotations

import time
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

#: A run that gave way to a newer one (FINISHED_EARLY_FOR_RERUN) is not an end.
_ENDS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@dataclass(frozen=True)
class Run:
    """One run of a page's script as its visitor sees it."""

    seconds: float
    bytes: int
    n_elements: int
    errors: tuple[str, ...]


class Visitor:
    """One session of one server."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self._timeout = timeout
        self._page = ""
        self._socket: ClientConnection = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            open_timeout=timeout,
        )

    def open(self, page: str = "", query: str = "") -> Run:
        """Run the script of a page (its path, no slash) with a query string, and wait until it is done."""
        wanted = BackMsg()
        wanted.rerun_script.query_string = query
        if page != self._page or not self._page:
            wanted.rerun_script.page_name = page
        self._page = page
        start = time.perf_counter()
        self._socket.send(wanted.SerializeToString())
        size, elements, errors = 0, 0, []
        while True:
            data = self._socket.recv(timeout=self._timeout)
            assert isinstance(data, bytes)
            size += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                elements += 1
                if message.delta.new_element.WhichOneof("type") == "exception":
                    errors.append(message.delta.new_element.exception.message)
            if kind == "script_finished" and message.script_finished in _ENDS:
                return Run(time.perf_counter() - start, size, elements, tuple(errors))

    def close(self) -> None:
        """Leave."""
        self._socket.close()
