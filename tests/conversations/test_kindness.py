"""What is only kind, word by word; anything more is not."""

from __future__ import annotations

import pytest

from conversations.understanding.kindness import kindness


@pytest.mark.parametrize("text", [
    "Thank you so much for your help!", "thanks 🙏", "❤️", "👍🏽👍🏽", "Faleminderit për gjithçka", "flm shum",
    "Faleminderit shumë për ndihmën tuaj", "Zoti ju bekoftë", "Hvala vam od srca", "Хвала пуно на помоћи",
    "hvala na svemu", "Vielen herzlichen Dank für Ihre Hilfe", "danke für alles und liebe Grüße"])
def test_thanks(text: str) -> None:
    assert kindness(text) == "thanks"


@pytest.mark.parametrize("text", ["Hello", "Mirëdita", "përshëndetje të gjithëve nga zemra", "Dobar dan", "Guten Tag",
                                  "good morning", "Pozdrav svima"])
def test_greetings(text: str) -> None:
    assert kindness(text) == "greeting"


@pytest.mark.parametrize("text", [
    "", "?", "🆘", "😭", "🙏 112", "Hilfe", "Hello, help", "Hallo Hilfe", "Faleminderit, por kam edhe një pyetje",
    "Danke, ich brauche noch Hilfe", "hvala ali treba mi pomoć", "Thanks, what about school?", "Hvala, a škola",
    "Thank you, my husband is back", "Mirëmbrëma, a jeni aty?", "you", "Ich bin angekommen. Danke!",
    "Danke für nichts", "thanks for nothing", "menu", "yes"])
def test_anything_else_is_something_to_look_at(text: str) -> None:
    assert kindness(text) is None
