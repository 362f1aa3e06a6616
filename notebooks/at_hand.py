"""What the notebooks have at hand: amounts as people read them, and charts that need no network.

In: frames and charts. Out: the same, ready to be looked at. Never: a figure to go on calculating with.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import altair as alt
import polars as pl

import recon as rc

_VEGA_LITE = "application/vnd.vegalite.v5+json"
"""The type JupyterLab draws by itself; Altair's own `mimetype` renderer names one it does not know."""
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


def amounts(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The frame with minor units as `1,234.50 DKK`, in columns without `_minor`; `currency` is dropped."""
    shown = {
        column.removesuffix("_minor"): pl.Series(
            [
                None if minor is None else rc.show_amount(minor, currency)
                for minor, currency in frame.select(column, "currency").iter_rows()
            ],
            dtype=pl.String,
        )
        for column in columns
    }
    names = [column.removesuffix("_minor") for column in frame.columns if column != "currency"]
    return frame.with_columns(**shown).select(names)


def charts_without_network() -> None:
    """Let Altair charts show where they are: as Vega-Lite for JupyterLab, and as SVG where vl-convert is installed."""
    alt.renderers.register("recon", _bundle)
    alt.renderers.enable("recon")
    pl.Config.set_tbl_rows(12)
    pl.Config.set_fmt_str_lengths(60)


def _bundle(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = {_VEGA_LITE: spec | {"$schema": _SCHEMA}, "text/plain": "(a chart)"}
    if find_spec("vl_convert"):
        import vl_convert

        bundle["image/svg+xml"] = vl_convert.vegalite_to_svg(spec)
    return bundle
