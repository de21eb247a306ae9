"""Sentences, tables and names of things."""
