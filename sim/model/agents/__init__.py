"""Who acts: labs, founders, regulators and nations."""
