"""Snapshots: one immutable file per upload, built aside and published whole."""
