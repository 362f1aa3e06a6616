"""LINES × ITEMS → proposals: block, evidence, score, assign, explain, learn. The way in is recon.match.propose."""

ENGINE_VERSION = "own-references-2"
"""Changes whenever the same input may give other proposals."""


def say_probability(probability: float) -> str:
    """In whole percent, and never claiming certainty: `> 99 %`, `75 %`, `< 1 %`."""
    if probability >= 0.995:
        return "> 99 %"
    return "< 1 %" if probability < 0.005 else f"{probability * 100:.0f} %"
