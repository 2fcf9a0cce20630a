"""The entry point: `streamlit run dashboard/app.py`."""

from __future__ import annotations

import sys
from pathlib import Path

# From a checkout Streamlit puts this folder on the path, not the one above, where the package is.
_ROOT = str(Path(__file__).resolve().parent.parent)
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

from dashboard.ui import frame  # noqa: E402 - needs the path above

frame.run()
