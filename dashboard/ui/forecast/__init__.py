"""The forecast page, as far as it is more than its page."""
