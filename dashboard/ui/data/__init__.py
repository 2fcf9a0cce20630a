"""The Data page: uploads and how they are read, quality, snapshots, as far as it is more than its page."""
