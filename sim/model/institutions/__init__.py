"""Where they meet: capital, chips, customers, courts and the market for control."""
