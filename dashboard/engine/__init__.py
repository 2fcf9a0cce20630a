"""The engine: runs query files over a snapshot, cut to what the viewer may see and the filters leave."""

from dashboard.access import Viewer
from dashboard.engine.engine import Engine
from dashboard.engine.filters import Filters, Options, parse
from dashboard.engine.lens import Lens
from dashboard.engine.problem import QueryError

__all__ = ["Engine", "Filters", "Lens", "Options", "QueryError", "Viewer", "parse"]
