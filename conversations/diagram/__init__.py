"""A conversation as a picture: SVG to look at, Mermaid to paste, a plain shape to review as a diff. Pure text."""

from conversations.diagram.mermaid import mermaid
from conversations.diagram.shape import shape
from conversations.diagram.svg import svg

__all__ = ["mermaid", "shape", "svg"]
