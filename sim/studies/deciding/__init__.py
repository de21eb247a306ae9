"""What to choose, and what it would be worth to know first."""
