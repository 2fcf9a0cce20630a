"""Meters: CPU time, wall time and memory of a piece of work or of a whole process."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Reading:
    """What one piece of work took: CPU seconds (user + system, children included), wall seconds, MB at the peak."""

    cpu: float
    wall: float
    rss: float = 0.0


class ProcessFailed(RuntimeError):
    """A measured process did not end well; the message is the end of what it said."""


def of_call(work: Callable[[], object]) -> Reading:
    """CPU and wall of a call in this process; the CPU counts all its threads."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Reading(time.process_time() - cpu, time.perf_counter() - wall)


def of_process(command: Sequence[str | Path], cwd: Path) -> Reading:
    """CPU, wall and peak memory of a process and all its children. Raises ProcessFailed when its exit code is not 0."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], cwd=cwd, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            words = said.read().decode(errors="replace")[-2000:]
            raise ProcessFailed(f"exit code {process.returncode}: {words}")
    return Reading(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a running process has used so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def median(readings: Sequence[Reading]) -> Reading:
    """Median CPU, least wall, largest memory: the wall of a shared machine is only ever too long."""
    return Reading(
        statistics.median(one.cpu for one in readings),
        min(one.wall for one in readings),
        max(one.rss for one in readings),
    )
