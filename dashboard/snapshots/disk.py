"""Files that are whole or absent: atomic writes, checksums, and the lock between processes."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

#: Ending of whatever is not finished; the sweep at start removes what a dead process left under it.
BUILDING = ".building"

_BLOCK = 1 << 20


def private_folder(path: Path) -> Path:
    """The folder, made if need be, closed to other users of the machine."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_file(path: Path) -> None:
    """Have a file's bytes on the disk before going on."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Have a folder's names on the disk before going on; nothing to do where folders cannot be opened."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: object) -> None:
    """Replace a JSON file: a reader sees the old one or the new one, whole."""
    aside = path.with_name(f"{path.name}.{os.getpid()}{BUILDING}")
    with open(aside, "w", encoding="utf-8", opener=_owner_only) as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync_folder(path.parent)


def compress(source: Path, target: Path) -> None:
    """Write a zstd copy of `source`: a tenth of the time of gzip, and equal uploads give equal files."""
    with (
        source.open("rb") as plain,
        open(target, "wb", opener=_owner_only) as file,
        pa.CompressedOutputStream(pa.PythonFile(file, mode="w"), "zstd") as packed,
    ):
        while block := plain.read(_BLOCK):
            packed.write(block)
    sync_file(target)


def decompress(source: Path, target: Path) -> None:
    """Write the upload that `compress` kept."""
    with (
        source.open("rb") as file,
        open(target, "wb", opener=_owner_only) as plain,
        pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as packed,
    ):
        while block := packed.read(_BLOCK):
            plain.write(block)


def is_alive(pid: int) -> bool:
    """Whether a process of that number runs. On Windows every number counts as alive: better kept than lost."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`: one writer among all processes. The system frees it when a process dies."""
    with open(path, "a+b", opener=_owner_only) as file:
        _lock(file.fileno())
        try:
            yield
        finally:
            _unlock(file.fileno())


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
