"""QR codes of the links that people hand on."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from flask import Response

_SVG = "image/svg+xml"
# Modules of white around the code that readers rely on (ISO/IEC 18004).
_QUIET_ZONE = 4

# What a route that answers with qr_response() says of itself in the OpenAPI document.
QR_ANSWER: dict[str, Any] = {
    "description": "The link as a QR code.",
    "content": {_SVG: {"schema": {"type": "string"}}},
}


def qr_svg(link: str) -> str:
    """`link` as an SVG element without a size of its own, dark on white: many readers know nothing else."""
    drawn = BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawn,
        kind="svg",
        border=_QUIET_ZONE,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return drawn.getvalue().decode()


def qr_response(link: str) -> Response:
    """`link` as a picture. Whoever sees it can join: nobody keeps it."""
    response = Response(qr_svg(link), content_type=_SVG)
    response.headers["Cache-Control"] = "no-store"
    return response
