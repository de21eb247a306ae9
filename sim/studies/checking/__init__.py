"""What `airace check` tries, and what it tries it on."""
