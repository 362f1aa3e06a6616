"""Rows as received → LINES and ITEMS: exact types, candidate references found, kinds guessed."""
