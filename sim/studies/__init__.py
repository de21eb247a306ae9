"""Studies: what is asked of ensembles of runs - compare, keep, sweep over levers, find what drives them."""
