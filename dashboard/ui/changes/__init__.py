"""Pipeline changes, as far as they are more than their page."""
