"""From scenarios and seeds to results."""
