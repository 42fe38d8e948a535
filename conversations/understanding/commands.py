"""Whole phrases that are surely a command or the name of a language."""

from __future__ import annotations

from functools import cache

from conversations.readers import fold

INTENTS: dict[str, str] = {
    "start": "/start | start | fillo | fillimi | počni | anfangen",
    "menu": "/menu | menu | menyja | menyu | meny | meni | menü | menue | hauptmenü | главни мени | мени",
    "human": "/human | human | person | counsellor | counselor | talk to a counsellor | talk to a person | a person | "
             "njeri | këshilltar | këshilltare | dua të flas me njeri | du me fol me njeri | flas me këshilltar | "
             "fol me njeri | fol me dikë nga ekipi | savetnik | savetnica | čovek | osoba | razgovor sa timom | "
             "razgovor sa savetnikom | hoću čoveka | mensch | berater | beraterin | mit jemandem sprechen | "
             "mit einem menschen sprechen | ich will mit einem menschen sprechen",
    "danger": "/danger | i need help now | sos | kam nevojë për ndihmë tani | më duhet ndihmë tani | ndihmë tani | "
              "emergjencë | treba mi pomoć odmah | treba mi pomoć sada | hitno | hitna pomoć | "
              "ich brauche jetzt hilfe | notfall | hilfe jetzt | emergency",
    "language": "/language | language | gjuha | gjuhën | ndrysho gjuhën | jezik | promeni jezik | sprache | "
                "sprache ändern | change language",
    "help": "/help | help | ndihmë | ndihma | pomoć | hilfe",
    "back": "/back | back | mbrapa | kthehu | prapa | nazad | natrag | zurück | zurueck",
    "skip": "/skip | skip | kapërce | kaperce | kalo | preskoči | überspringen | ueberspringen | weiter ohne antwort",
    "stop": "/stop | stop | ndal | ndalo | mjaft | stopp | aufhören | prestani | zaustavi",
    "pause": "/pause | pause | pauzë | pauza | pauzo",
    "my_data": "/mydata | my data | të dhënat e mia | te dhenat e mia | moji podaci | meine daten | delete | fshi | "
               "fshij | obriši | izbriši | löschen | loeschen",
    "hide": "/hide | hide | fshih | fshihe | fshehe | zbraz | zbraze | sakrij | sakrij čet | verstecken | ausblenden | "
            "versteck",
    "paper": "/paper | in large letters | large letters | larger | print | print this | me shkronja të mëdha | "
             "shkronja të mëdha | shtyp | printo | velikim slovima | veća slova | štampaj | odštampaj | "
             "in großen buchstaben | große buchstaben | größer | drucken | ausdrucken",
    "listen": "/listen | listen | read it to me | read aloud | dëgjo | ma lexo | lexo | poslušaj | slušaj | "
              "pročitaj mi | anhören | vorlesen | lies vor",
    "plan": "/plan | my plan | plani im | moj plan | mein plan",
    "appointments": "/appointments | appointment | appointments | my appointment | my appointments | termini im | "
                    "terminet e mia | takimi im | moj termin | moji termini | mein termin | meine termine",
    "greeting": "hello | hi | hey | good morning | good day | good evening | përshëndetje | mirëdita | mirëmëngjes | "
                "mirëmbrëma | tung | tungjatjeta | ç'kemi | zdravo | dobar dan | dobro jutro | dobro veče | ćao | "
                "hallo | guten tag | guten morgen | guten abend | servus | moin",
    "thanks": "thanks | thank you | thank you very much | thank you for everything | thanks for everything | "
              "thanks a lot | many thanks | faleminderit | flm | rrofsh | faleminderit shumë | shumë faleminderit | "
              "faleminderit për gjithçka | hvala | hvala lepo | hvala puno | hvala vam | hvala vam puno | hvala ti | "
              "hvala na svemu | hvala vam na svemu | danke | vielen dank | danke schön | danke sehr | "
              "danke für alles | vielen dank für alles",
    "leave": "/leave | leave the talk | leave | largohu nga biseda | largohem | izlaz iz razgovora | izađi | "
             "gespräch verlassen | verlassen",
}
LANGUAGES: dict[str, str] = {
    "sq": "shqip | albanian | albanisch | albanski | shqipe",
    "sr": "srpski | serbian | serbisch | serbisht",
    "sr_Cyrl": "ћирилица | српски ћирилица | ćirilica | cirilica | cyrillic",
    "de": "deutsch | german | gjermanisht | nemački",
    "en": "english | englisch | anglisht | engleski",
    "bs": "bosanski | bosnian | bosnisch | boshnjakisht | bosnjakisht | bošnjački",
    "tr": "türkçe | turkish | türkisch | turqisht | turski",
    "rom": "romani | romanes | romani čhib | romski | rromisht | romisht | romisch",
}


def _table(phrases: dict[str, str]) -> dict[str, str]:
    return {fold(one): name for name, many in phrases.items() for one in many.split("|")}


@cache
def _intents() -> dict[str, str]:
    return _table(INTENTS)


@cache
def _languages() -> dict[str, str]:
    return _table(LANGUAGES)


def intent(text: str) -> str | None:
    """The command that a text as a whole is, or None."""
    return _intents().get(fold(text)) if len(text) <= 60 else None


def language_named(text: str) -> str | None:
    """The language that a text as a whole names, or None: a wish to switch."""
    if text.strip().lower() in ("српски", "на српском"):
        return "sr_Cyrl"
    return _languages().get(fold(text)) if len(text) <= 40 else None
