"""Intake: from uploaded bytes to canonical tables."""
