"""`airace play`: the world goes forward a quarter at a time, and whoever plays decides what policy does."""
