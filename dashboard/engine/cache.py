"""The cache of answers: bounded in number and in bytes, shared by all sessions, the longest unused goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

import pyarrow as pa


class AnswerCache:
    """Arrow tables by key. A key must hold everything the answer depends on, the scope above all."""

    def __init__(self, max_entries: int = 1024, max_bytes: int = 128 << 20) -> None:
        self.max_entries, self.max_bytes = max_entries, max_bytes
        self.n_bytes = 0
        self._answers: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: Hashable) -> pa.Table | None:
        """The answer kept under a key, or None."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: pa.Table) -> None:
        """Keep an answer, unless it alone is larger than an eighth of the cache."""
        if answer.nbytes > self.max_bytes // 8:
            return
        with self._lock:
            old = self._answers.pop(key, None)
            self.n_bytes += answer.nbytes - (old.nbytes if old is not None else 0)
            self._answers[key] = answer
            while len(self._answers) > self.max_entries or self.n_bytes > self.max_bytes:
                _, dropped = self._answers.popitem(last=False)
                self.n_bytes -= dropped.nbytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._answers.clear()
            self.n_bytes = 0
