"""recon: bank statements in, reviewed matches, a balanced journal out."""

__version__ = "0.1.0"
