"""Only kind: a thank you, a greeting, a heart. Read by whole words: one word more, and it is something to look at."""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

from conversations.readers import fold

Kind: TypeAlias = Literal["thanks", "greeting"]
THANKS = """thanks | thank | thx | bless | faleminderit | falemnderit | faleminderi | flm | rrofsh | rrofshi | lumtë |
    bekoftë | shpërbleftë | hvala | zahvaljujem | zahvalna | zahvalan | blagoslovio | danke | dank | dankeschön |
    segne"""
GREETINGS = """hello | hi | hey | bye | goodbye | greetings | regards | morning | evening | përshëndetje |
    mirëdita | mirmëngjesi | mirëmëngjes | mirëmbrëma | mirupafshim | tung | tungjatjeta | zdravo | pozdrav | pozdravi |
    pozdravljam | ćao | dobar | doviđenja | prijatno | hallo | servus | moin | tschüss | grüße | gruß | wiedersehen |
    guten"""
BESIDE = """you | very | so | much | a | lot | many | everything | all | your | the | of | my | heart | from | god |
    good | day | night | and | to | team | dear | again | best | wishes | kind | kindness | bottom | that | did | done |
    shumë | shum | gjithçka | gjitha | gjithë | gjithëve | çdo | gjë | ju | juve | të | tuaj | tuaja | tuaje | nga |
    zemra | zemre | zoti | i | e | ekipi | ekipit | dhe | me | respekt | mirë | mir | mbetshi | paçi | qofshi | ditë
    | ditën | natë | naten | që | bëtë | ne | mua | edhe |
    puno | lepo | mnogo | najlepša | najlepše | vam | ti | vama | sve | svemu | od | srca | svima | vas | vaš | vašoj |
    vašu | bog | neka | dan | jutro | veče | noć | laku | dobro | ste | učinili | timu |
    vielen | herzlichen | schön | sehr | alles | ihre | ihrer | ihnen | dir | euch | allen | tag | morgen | abend |
    nacht | gute | gott | sie | von | ganzem | herzen | liebe | mit | freundlichen | ganzen | das | auf | und"""
FOR = "for | për | per | na | za | für"
HELP = """help | support | advice | ndihmën | ndihmen | ndihmë | mbështetjen | këshillat | pomoć | pomoći | podršku |
    podršci | savet | savete | hilfe | unterstützung | beratung"""
"""Only where thanks are given for it: “hello, help” asks for some."""
HEARTS = frozenset("👍👌👏🙌🙏🤝✌💪🤗😊🙂😀😃😄😁😇🥰😍😘☺🌹🌸🌷🌺🌻💐🎉🎊🥳🎈❤🧡💛💚💙💜🤍🖤🤎💕💖💗💞💯✨⭐🌟")
_BESIDE_A_SIGN = frozenset("\ufe0f\u200d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff !.")


def kindness(text: str) -> Kind | None:
    """Which kind word a text is from its first word to its last, or None."""
    signs, words = set(text) - _BESIDE_A_SIGN, fold(text).split()
    if not words:
        return "thanks" if signs and signs <= HEARTS else None
    if "?" in text:
        return None
    before = ""
    for word in words:
        if word in _folded(HELP):
            if before not in _folded(FOR) | _folded(BESIDE):
                return None
        elif word not in _folded(THANKS) | _folded(GREETINGS) | _folded(BESIDE) | _folded(FOR):
            return None
        before = word
    said = set(words)
    if said & _folded(THANKS):
        return "thanks"
    return "greeting" if said & _folded(GREETINGS) and not said & _folded(HELP) else None


@cache
def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(one) for one in words.split("|"))
