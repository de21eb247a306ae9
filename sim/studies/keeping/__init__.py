"""Folders that survive whatever stops a program."""
