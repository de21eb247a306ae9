"""Pages of the cockpit for studies of choices that are kept in folders: the front of advice, and a game."""
