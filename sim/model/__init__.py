"""The world and its rules."""
