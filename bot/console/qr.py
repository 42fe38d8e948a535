"""An address as a picture that a phone's camera reads."""

from __future__ import annotations


def picture(address: str) -> str:
    """As SVG that stands in a page: shapes only, no style and no script. The library is loaded by who needs it."""
    import segno

    drawn = segno.make(address, error="m", micro=False)
    return drawn.svg_inline(scale=1, border=3, svgclass="qr", lineclass=None, omitsize=True)
