"""The worker: reads and builds in a process of its own, under limits that a hostile file cannot lift.

Speaks JSON lines: one order on standard input, then progress and one result or one error on standard output.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

_MB = 1024 * 1024


def main() -> int:
    """Carry out one order. Returns 0 when a result was written, 1 when an error was."""
    spec = json.loads(sys.stdin.readline())
    _limit(spec)
    _leave_with_parent()
    from dashboard.intake.build import build
    from dashboard.intake.inspection import inspect
    from dashboard.intake.order import Order
    from dashboard.intake.problem import Code, IntakeError

    order = Order(
        uploads=[(name, Path(path)) for name, path in spec["uploads"]],
        folder=Path(spec["folder"]),
        target=Path(spec["target"]),
        as_of=dt.date.fromisoformat(spec["as_of"]) if spec["as_of"] else None,
        today=dt.date.fromisoformat(spec["today"]),
        source=spec["source"],
        mappings=[Path(path) for path in spec["mappings"]],
        is_rehearsed=spec["is_rehearsed"],
        date_order=spec["date_order"],
        decimal=spec["decimal"],
        earlier=[(dt.date.fromisoformat(day), Path(path)) for day, path in spec["earlier"]],
        memory_limit=f"{spec['memory_mb']}MB",
    )
    try:
        result = (inspect if spec["task"] == "inspect" else build)(order, _report)
    except IntakeError as error:
        return _fail(str(error.code), dict(error.facts))
    except MemoryError:
        gc.collect()
        return _fail(str(Code.OUT_OF_MEMORY), {"limit": f"{spec['memory_mb']} MB"})
    except OSError as error:
        full = error.errno in (27, 28, 122)  # EFBIG, ENOSPC, EDQUOT
        return _fail(str(Code.DISK_FULL) if full else str(Code.WORKER_DIED), {"found": os.strerror(error.errno or 0)})
    except Exception as error:
        return _fail(str(Code.WORKER_DIED), {"found": _where(error)})
    _say({"kind": "result", "value": result})
    return 0


def _where(error: Exception) -> str:
    """The kind of a fault and the line of ours that met it; never its message, which may hold a customer's data."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "dashboard" in frame.filename]
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def _limit(spec: dict[str, Any]) -> None:
    """Limits of the operating system, as far as it has them; the engine's own memory limit holds everywhere."""
    if sys.platform == "win32":
        return
    import resource

    def at_most(kind: int, amount: int, hard: int | None = None) -> None:
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(kind, (amount, hard or amount))

    size = sum(os.path.getsize(path) for _, path in spec["uploads"])
    address = (spec["memory_mb"] + 3072) * _MB
    at_most(resource.RLIMIT_AS, address)
    seconds = 120 + size // (2 * _MB)
    at_most(resource.RLIMIT_CPU, seconds, seconds + 5)
    at_most(resource.RLIMIT_FSIZE, 4 * size + 512 * _MB)
    at_most(resource.RLIMIT_CORE, 0)
    os.nice(5)
    os.umask(0o077)


def _leave_with_parent() -> None:
    """End when the parent does: on Linux the kernel sees to it."""
    if sys.platform == "linux":
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _report(step: str, share: float, detail: str) -> None:
    _say({"kind": "progress", "step": step, "share": round(share, 3), "detail": detail})


def _fail(code: str, facts: dict[str, Any]) -> int:
    _say({"kind": "error", "code": code, "facts": facts})
    return 1


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
