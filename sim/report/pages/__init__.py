"""Pages: each study as one HTML file, and as a notebook shows it."""
