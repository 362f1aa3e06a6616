"""LINES × ITEMS → proposals: block, evidence, score, assign, explain, learn. The way in is recon.match.propose."""

ENGINE_VERSION = "stated-1"
"""Changes whenever the same input may give other proposals."""
