"""Many scenarios at once: designs, what decides, which fare best."""
