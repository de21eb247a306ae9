"""What differs between scenarios on the same luck, how surely, and why."""
