"""The reliability picture: stated beside true probability, as SVG text.

In: reliability tables by name. Out: SVG. Never: a library for it; eleven lines and some dots need none.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

SIDE, EDGE = 400, 48
COLOURS = ("#1b6ca8", "#c4501b", "#5a7d2a", "#7a4b94")


def reliability_svg(tables: Mapping[str, pl.DataFrame]) -> str:
    """A square: what was stated to the right, what was true upwards; on the diagonal both are equal.

    tables: `proposals stated right` by name, as recon.bench.sureness makes them. A dot's area grows with its
    share of the proposals.
    """
    whole = SIDE + 2 * EDGE
    legend = whole + 20 * len(tables)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {legend}" font-family="sans-serif" '
        'font-size="12" fill="#333">',
        f'<rect width="{whole}" height="{legend}" fill="#fff"/>',
        *(_grid(step / 5) for step in range(6)),
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 4"/>',
        f'<text x="{_x(0.5)}" y="{_y(0) + 36}" text-anchor="middle">probability stated</text>',
        f'<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">share that is right</text>',
    ]
    for place, (name, table) in enumerate(tables.items()):
        colour = COLOURS[place % len(COLOURS)]
        parts += _curve(table, colour)
        height = whole + 20 * place
        parts.append(f'<circle cx="{EDGE + 6}" cy="{height - 4}" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{EDGE + 18}" y="{height}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _curve(table: pl.DataFrame, colour: str) -> list[str]:
    rows = table.select("stated", "right", "proposals").rows()
    whole = sum(count for _, _, count in rows)
    points = " ".join(f"{_x(stated):.1f},{_y(right):.1f}" for stated, right, _ in rows)
    dots = [
        f'<circle cx="{_x(stated):.1f}" cy="{_y(right):.1f}" r="{2 + 12 * (count / whole) ** 0.5:.1f}" '
        f'fill="{colour}" fill-opacity="0.6"/>'
        for stated, right, count in rows
    ]
    return [f'<polyline points="{points}" fill="none" stroke="{colour}"/>', *dots]


def _grid(value: float) -> str:
    return (
        f'<line x1="{_x(0)}" y1="{_y(value)}" x2="{_x(1)}" y2="{_y(value)}" stroke="#e4e4e4"/>'
        f'<line x1="{_x(value)}" y1="{_y(0)}" x2="{_x(value)}" y2="{_y(1)}" stroke="#e4e4e4"/>'
        f'<text x="{_x(0) - 6}" y="{_y(value) + 4}" text-anchor="end">{value:.1f}</text>'
        f'<text x="{_x(value)}" y="{_y(0) + 16}" text-anchor="middle">{value:.1f}</text>'
    )


def _x(share: float) -> float:
    return EDGE + SIDE * share


def _y(share: float) -> float:
    return EDGE + SIDE * (1 - share)
