"""Allocations → balanced journal → the ERP's file: chart.py, journal.py, texts.py, formats/."""
