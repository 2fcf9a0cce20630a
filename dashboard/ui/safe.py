"""Safe text: whatever came out of a CRM goes through here before it reaches markdown or a chart."""

from dashboard.text.escape import escape, escape_label

__all__ = ["escape", "escape_label"]
