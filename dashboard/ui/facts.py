"""Facts: the types that tell a sentence how to write a number; the door to dashboard.text for pages."""

from dashboard.text.formats import Count, Days, Listing, Money, Month, Percent, Points, Ratio, Span

__all__ = ["Count", "Days", "Listing", "Money", "Month", "Percent", "Points", "Ratio", "Span"]
