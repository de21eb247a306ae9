"""The model held against the record and against what comes later."""
