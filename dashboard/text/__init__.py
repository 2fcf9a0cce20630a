"""Words and numbers in the reader's language: the only place that formats either."""

from dashboard.text.catalogue import LANGUAGES, has, plain, say
from dashboard.text.escape import escape
from dashboard.text.formats import Count, Days, Listing, Money, Month, Percent, Points, Ratio, Span, show

__all__ = [
    "LANGUAGES",
    "Count",
    "Days",
    "Listing",
    "Money",
    "Month",
    "Percent",
    "Points",
    "Ratio",
    "Span",
    "escape",
    "has",
    "plain",
    "say",
    "show",
]
