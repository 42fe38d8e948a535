"""The pictures are well formed and leave nothing out."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from conversations import CONVERSATIONS
from conversations.checks.graph import Graph
from conversations.diagram import mermaid, shape, svg
from conversations.model import Choice, Choose, Conversation, End, Group, Say

SVG = "{http://www.w3.org/2000/svg}"
ODD = Conversation("odd", (
    Say("hello", 'She said "<b>&amp;</b>" {name}'),
    Choose("ask", "?", Choice("yes", "Yes & yes", then="end"), Choice("no", "No")),
    Say("lost", "Leads nowhere", then="gone"),
    Say("back", "Leads back", then="hello"),
    Group("all", (Choose("how", "How?", Choice("a", "A")),), over="plan"),
    End("end"),
))
ALL = {**CONVERSATIONS, "odd": ODD, "empty": Conversation("empty", ())}


def texts(picture: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", ALL)
def test_svg_has_every_step_and_choice(name: str) -> None:
    shown = texts(svg(ALL[name]))
    for step in ALL[name].steps:
        assert step.id in shown
        assert type(step).__name__ in shown
        for choice in getattr(step, "choices", ()):
            assert any(choice.id[:18] in one for one in shown)
        for inner in step.steps if isinstance(step, Group) else ():
            assert any(f"{type(inner).__name__} {inner.id}"[:18] in one for one in shown)


@pytest.mark.parametrize("name", ALL)
def test_svg_stays_inside_its_picture(name: str) -> None:
    root = ElementTree.fromstring(svg(ALL[name]))
    width, height = int(root.attrib["width"]), int(root.attrib["height"])
    for box in root.iter(f"{SVG}rect"):
        assert float(box.attrib.get("x", 0)) + float(box.attrib["width"]) <= width
        assert float(box.attrib.get("y", 0)) + float(box.attrib["height"]) <= height
    assert width <= 1000


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_every_jump_says_where_it_goes(name: str) -> None:
    graph, shown = Graph(ALL[name]), texts(svg(ALL[name]))
    for edge in graph.edges:
        if edge.target != edge.source + 1 and edge.taken:
            assert any(one.endswith(f"→ {graph.step(edge.target).id}") for one in shown)


@pytest.mark.parametrize("name", ALL)
def test_svg_loads_nothing_from_elsewhere(name: str) -> None:
    picture = svg(ALL[name]).replace("http://www.w3.org/2000/svg", "")
    assert "href" not in picture and "http" not in picture and "<script" not in picture


@pytest.mark.parametrize("name", ALL)
def test_mermaid_has_every_step(name: str) -> None:
    lines = mermaid(ALL[name]).splitlines()
    assert lines[0] == "flowchart TD"
    for step in ALL[name].steps:
        assert any(f"s_{step.id}" in line for line in lines)
    assert sum(line.strip().startswith("subgraph") for line in lines) == lines.count("  end")


def test_mermaid_labels_choices() -> None:
    lines = [line.strip() for line in mermaid(ODD).splitlines()]
    assert 's_ask -->|"yes"| s_end' in lines and 's_ask -->|"no"| s_lost' in lines


def test_shape_reads_like_a_form() -> None:
    assert shape(ODD).splitlines()[1:5] == ["hello Say -> ask", "ask Choose", "  yes -> end", "  no -> lost"]


@pytest.mark.parametrize("name", ALL)
def test_pictures_are_the_same_each_time(name: str) -> None:
    one = ALL[name]
    assert (svg(one), mermaid(one), shape(one)) == (svg(one), mermaid(one), shape(one))
