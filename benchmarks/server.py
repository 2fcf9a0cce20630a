"""The real product, started as a user starts it, on a free port of this machine."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from benchmarks import meter

CHECKOUT = Path(__file__).resolve().parent.parent


class NotStarted(RuntimeError):
    """The server ended or did not answer in time; the message is the end of its log."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`sales-cockpit run` in a process group of its own, ended with the with-block."""

    def __init__(self, home: Path, patience: float = 60) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._patience = patience
        self._log = home.parent / f"{home.name}.server.log"

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", "dashboard.cli", "run", "--no-browser"]
        with self._log.open("wb") as sink:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--home", str(self.home)],
                cwd=CHECKOUT,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        try:
            self._await_health()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def log(self) -> str:
        """What the server has said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def cpu(self) -> float:
        """Seconds of CPU used so far by the server and its children that still run."""
        return sum(meter.cpu_of(pid) for pid in self._family(self._process.pid))

    def rss(self) -> float:
        """MB of memory that the server and its children hold."""
        page = os.sysconf("SC_PAGE_SIZE")
        sizes = (Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in self._family(self._process.pid))
        return sum(int(size) * page for size in sizes) / 2**20

    def _family(self, pid: int) -> list[int]:
        children: list[int] = []
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                children += [int(child) for child in (task / "children").read_text().split()]
        return [pid, *(member for child in children for member in self._family(child))]

    def _await_health(self) -> None:
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise NotStarted(f"exit code {self._process.returncode}: {self.log()[-2000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        raise NotStarted(f"no answer within {self._patience} s: {self.log()[-2000:]}")

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
