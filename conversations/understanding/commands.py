"""Whole phrases that are surely a command or the name of a language."""

from __future__ import annotations

from functools import cache

from conversations.readers import fold

INTENTS: dict[str, str] = {
    "start": "/start | start | fillo | fillimi | počni | anfangen | başla",
    "menu": "/menu | menu | menyja | menyu | meny | meni | menü | menue | hauptmenü | ana menü | главни мени | мени",
    "human": "/human | human | person | counsellor | counselor | talk to a counsellor | talk to a person | a person | "
             "njeri | këshilltar | këshilltare | dua të flas me njeri | du me fol me njeri | flas me këshilltar | "
             "fol me njeri | fol me dikë nga ekipi | savetnik | savetnica | čovek | osoba | razgovor sa timom | "
             "razgovor sa savetnikom | hoću čoveka | mensch | berater | beraterin | mit jemandem sprechen | "
             "mit einem menschen sprechen | ich will mit einem menschen sprechen | danışman | danışmanla konuş | "
             "danışmanla konuşmak istiyorum | ekiple konuş | insanla konuşmak istiyorum | "
             "bir insanla konuşmak istiyorum | biriyle konuşmak istiyorum",
    "danger": "/danger | i need help now | sos | kam nevojë për ndihmë tani | më duhet ndihmë tani | ndihmë tani | "
              "emergjencë | treba mi pomoć odmah | treba mi pomoć sada | hitno | hitna pomoć | "
              "ich brauche jetzt hilfe | notfall | hilfe jetzt | emergency | hemen yardım istiyorum | "
              "acil yardım | acil durum | imdat",
    "language": "/language | language | gjuha | gjuhën | ndrysho gjuhën | jezik | promeni jezik | sprache | "
                "sprache ändern | change language | dil | dili değiştir",
    "help": "/help | help | ndihmë | ndihma | pomoć | hilfe | yardım",
    "back": "/back | back | mbrapa | kthehu | prapa | nazad | natrag | zurück | zurueck | geri",
    "skip": "/skip | skip | kapërce | kaperce | kalo | preskoči | überspringen | ueberspringen | weiter ohne antwort | "
            "atla",
    "stop": "/stop | stop | ndal | ndalo | mjaft | stopp | aufhören | prestani | zaustavi | dur | "
            "mesaj göndermeyin | bana yazmayın",
    "pause": "/pause | pause | pauzë | pauza | pauzo | ara ver",
    "my_data": "/mydata | my data | të dhënat e mia | te dhenat e mia | moji podaci | meine daten | delete | fshi | "
               "fshij | obriši | izbriši | löschen | loeschen | "
               "verilerim | sil",
    "hide": "/hide | hide | fshih | fshihe | fshehe | zbraz | zbraze | sakrij | sakrij čet | verstecken | ausblenden | "
            "versteck | gizle",
    "paper": "/paper | in large letters | large letters | larger | print | print this | me shkronja të mëdha | "
             "shkronja të mëdha | shtyp | printo | velikim slovima | veća slova | štampaj | odštampaj | "
             "in großen buchstaben | große buchstaben | größer | drucken | ausdrucken | büyük yazıyla | "
             "büyük harflerle | yazdır",
    "listen": "/listen | listen | read it to me | read aloud | dëgjo | ma lexo | lexo | poslušaj | slušaj | "
              "pročitaj mi | anhören | vorlesen | lies vor | dinle | oku",
    "plan": "/plan | my plan | plani im | moj plan | mein plan | planım",
    "appointments": "/appointments | appointment | appointments | my appointment | my appointments | termini im | "
                    "terminet e mia | takimi im | moj termin | moji termini | mein termin | meine termine | "
                    "randevu | randevum | randevularım",
    "greeting": "hello | hi | hey | good morning | good day | good evening | përshëndetje | mirëdita | mirëmëngjes | "
                "mirëmbrëma | tung | tungjatjeta | ç'kemi | zdravo | dobar dan | dobro jutro | dobro veče | ćao | "
                "hallo | guten tag | guten morgen | guten abend | servus | moin | "
                "merhaba | selam | iyi günler | günaydın | iyi akşamlar | selamün aleyküm",
    "thanks": "thanks | thank you | thank you very much | thank you for everything | thanks for everything | "
              "thanks a lot | many thanks | faleminderit | flm | rrofsh | faleminderit shumë | shumë faleminderit | "
              "faleminderit për gjithçka | hvala | hvala lepo | hvala puno | hvala vam | hvala vam puno | hvala ti | "
              "hvala na svemu | hvala vam na svemu | danke | vielen dank | danke schön | danke sehr | "
              "danke für alles | vielen dank für alles | teşekkürler | teşekkür ederim | "
              "çok teşekkürler | çok teşekkür ederim | sağ olun | sağol | çok sağ olun",
    "done": "/done | close my chat | next person | the next person | mbyll bisedën time | mbylle bisedën time | "
            "personi tjetër | zatvori moj čet | sledeća osoba | sljedeća osoba | meinen chat schließen | "
            "meinen chat schliessen | nächste person | die nächste person",
    "share": "/share | several people use this phone | somebody else uses this phone | someone else uses this phone | "
             "we share this phone | i share this phone | edhe të tjerë e përdorin këtë telefon | "
             "dikush tjetër e përdor këtë telefon | telefonin e përdorim disa veta | e ndajmë këtë telefon | "
             "i drugi koriste ovaj telefon | neko drugi koristi ovaj telefon | delimo ovaj telefon | "
             "dijelimo ovaj telefon | andere benutzen dieses handy auch | jemand anders benutzt dieses handy | "
             "mehrere benutzen dieses handy | wir teilen dieses handy | wir teilen uns das handy",
    "leave": "/leave | leave the talk | leave | largohu nga biseda | largohem | izlaz iz razgovora | izađi | "
             "gespräch verlassen | verlassen | konuşmadan çık",
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
