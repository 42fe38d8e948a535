import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.readers import Several, match_choice, match_many

WHERE = {
    "returned": ["I have come back to Kosovo", "Jam kthyer në Kosovë", "Ich bin zurück in Kosovo",
    "Vratio sam se na Kosovo"],
    "returning": ["I am still abroad", "Jam ende jashtë", "Ich bin noch im Ausland",
    "Još sam u inostranstvu"],
    "resident": ["I live here", "Jetoj këtu", "Ich lebe hier", "Živim ovde"],
}
CONSENT = {
    "yes": ["Yes, keep it", "Po, ruajeni", "Ja, speichern", "Da, sačuvajte"],
    "no": ["No, do not keep it", "Jo, mos e ruani", "Nein, nicht speichern", "Ne, nemojte čuvati"],
    "unknown": ["I don't know", "Nuk e di", "Weiß ich nicht", "Ne znam"],
}
WORK = {"working": ["Employed", "I punësuar", "Zaposlen"],
    "without": ["Unemployed", "I papunësuar", "Nezaposlen"]}
AREAS = {"work": ["Employment and career"], "migration": ["Legal migration"], "return": ["Reintegration"],
    "talk": ["Support"]}


@pytest.mark.parametrize(("text", "choice"), [
    ("1", "returned"), ("2.", "returning"), ("3)", "resident"), ("nr 2", "returning"), ("nr. 3", "resident"),
    ("two", "returning"),
    ("dy", "returning"), ("tri", "resident"), ("drei", "resident"), ("the second", "returning"),
    ("e dyta", "returning"),
    ("druga", "returning"), ("zweite", "returning"), ("das dritte", "resident"), ("prva", "returned"),
    ("e fundit", "resident"),
    ("Jetoj këtu", "resident"), ("jetoj ketu", "resident"), ("JETOJ KETU!", "resident"),
    ("Живим овде", "resident"),
    ("abroad", "returning"), ("im Ausland", "returning"), ("live here", "resident"),
    ("Ziivim ovde", "resident"),
    ("jetoj ketuu", "resident"), ("4", None), ("0", None), ("", None), ("x", None), ("nuk jetoj këtu", None),
    ("I don't live here", None), ("ne", None), ("something else", None), ("👍", None), ("9" * 5000, None),
])
def test_choice(text: str, choice: object) -> None:
    assert match_choice(text, WHERE) == choice


@pytest.mark.parametrize("text",
    ["po", "Po!", "po po", "da", "Да", "ja", "jep", "okay", "ok", "yes please", "yeah", "Po, kam", "keep it",
        "1"])
def test_yes(text: str) -> None:
    assert match_choice(text, CONSENT) == "yes"


@pytest.mark.parametrize("text",
    ["jo", "jo faleminderit", "ne", "Не", "ne, hvala", "nein", "nein danke", "no", "nope", "mos",
        "nicht speichern"])
def test_no(text: str) -> None:
    assert match_choice(text, CONSENT) == "no"


@pytest.mark.parametrize("text", ["po jo", "yes, no", "ja nemam", "da li", "po shkoj", "maybe", "da, ne"])
def test_neither_yes_nor_no(text: str) -> None:
    assert match_choice(text, CONSENT) is None


@pytest.mark.parametrize("text", ["nuk e di", "ne znam", "neznam", "Weiss ich nicht", "i dont know"])
def test_do_not_know_is_not_no(text: str) -> None:
    assert match_choice(text, CONSENT) == "unknown"


def test_yes_finds_the_choice_whose_labels_say_yes() -> None:
    labels = {"keep": CONSENT["yes"], "drop": CONSENT["no"], "unknown": CONSENT["unknown"]}
    assert match_choice("po", labels) == "keep"
    assert match_choice("nein", labels) == "drop"


@pytest.mark.parametrize(("text", "labels", "choice"), [
    ("employed", {"without": WORK["without"]}, None), ("zaposlen", {"without": WORK["without"]}, None),
    ("employed", WORK, "working"), ("unemployd", WORK, "without"), ("not employed", WORK, None),
    ("radim", {"idle": ["Ne radim"]}, None), ("ne radim", {"busy": ["Radim"]}, None),
    ("s'kam punë", {"a": ["Kam punë"]}, None),
    ("kosovë", {"a": ["Në Kosovë"]}, "a"),
])
def test_the_opposite_never_matches(text: str, labels: dict[str, list[str]], choice: object) -> None:
    assert match_choice(text, labels) == choice


def test_a_number_that_a_label_names_is_asked_back() -> None:
    children = {"none": ["No children"], "one": ["1 child"], "two": ["2 children"]}
    for text in ("2", "two", "dy", "zwei"):
        assert match_choice(text, children) == Several(("one", "two"))
    assert match_choice("the second", children) == "one"
    assert match_choice("3", children) == "two"
    assert match_choice("children", children) is None


def test_a_word_of_two_labels_is_asked_back() -> None:
    assert match_choice("work", {"a": ["Work here"], "b": ["Work abroad"]}) == Several(("a", "b"))


@pytest.mark.parametrize(("text", "choices"), [
    ("1, 3 and 4", ["work", "return", "talk"]), ("1 3 4", ["work", "return", "talk"]), ("1", ["work"]),
    ("2 dhe 1", ["migration", "work"]),
    ("Employment and career, support", ["work", "talk"]),
    ("migration und reintegration", ["migration", "return"]),
    ("career i legal", ["work", "migration"]), ("1\n2", ["work", "migration"]), ("1, 1", ["work"]),
    ("1 & support", ["work", "talk"]),
    ("5", None), ("1, 9", None), ("1, x", None), ("", None), (",", None),
])
def test_many(text: str, choices: list[str] | None) -> None:
    assert match_many(text, AREAS) == choices


LABELS = st.dictionaries(st.text(min_size=1, max_size=8),
    st.lists(st.text(max_size=30), min_size=1, max_size=4), max_size=6)


@given(st.text(max_size=5000), LABELS)
def test_only_offered_choices_come_back(text: str, labels: dict[str, list[str]]) -> None:
    choice = match_choice(text, labels)
    many = match_many(text, labels)
    if isinstance(choice, Several):
        assert set(choice.values) <= set(labels) and 2 <= len(choice.values) <= 8
    else:
        assert choice is None or choice in labels
    assert many is None or (many and set(many) <= set(labels))
