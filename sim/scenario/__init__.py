"""From a file to a validated scenario, and what is wrong with one that is none."""
