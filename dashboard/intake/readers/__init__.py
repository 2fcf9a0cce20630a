"""Readers: from uploaded bytes to clean UTF-8 tables with every record accounted for."""

from dashboard.intake.readers.limits import Limits
from dashboard.intake.readers.numbering import line_numbers
from dashboard.intake.readers.rewrite import LINE_COLUMN
from dashboard.intake.readers.source import SourceFile, refused_file
from dashboard.intake.readers.table import repair
from dashboard.intake.readers.upload import read_upload

__all__ = ["LINE_COLUMN", "Limits", "SourceFile", "line_numbers", "read_upload", "refused_file", "repair"]
