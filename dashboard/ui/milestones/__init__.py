"""What the milestones page draws."""
