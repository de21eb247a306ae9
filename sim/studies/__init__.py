"""Studies: what is asked of ensembles of runs - compare them, keep them, sweep over levers, find what drives them."""
