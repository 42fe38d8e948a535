"""Legal ways to Germany. The guard comes first: a ban and the 24 months decide which answer helps."""

from conversations.areas import Subject, Topic, area_conversation
from conversations.guard import GUARD
from conversations.marking import mark as _

EMBASSY = _("Read the list of papers on the Embassy's page")
TALK = _("Talk to a counsellor about my way to Germany")


MIGRATION = area_conversation(
    "migration",
    _("Legal ways to Germany"),
    _("What is it about? We never say whether you will get a visa. Only the authorities decide."),
    (
        Subject("ban", _("Entry ban and costs"), _("Entry ban. What do you want to know?"), (
            Topic("banned", _("Am I banned?"), ("migration.am-i-banned",), TALK),
            Topic("how_long", _("How long is a ban?"), ("migration.how-long-is-the-ban",)),
            Topic("shorten", _("Can it be shorter?"), ("migration.shorten-the-ban",),
                  _("Look for the letter about the entry ban")),
            Topic("costs", _("Costs of deportation"), ("migration.deportation-costs",),
                  _("Look for the letter about the costs")),
            Topic("asylum", _("Asylum again?"), ("migration.asylum-again",), TALK),
        )),
        Subject("job", _("Work without a diploma"), _("Western Balkans regulation. What do you want to know?"), (
            Topic("rule", _("Who may work there?"),
                  ("migration.western-balkans-rule",), _("Look for an employer with a real job offer")),
            Topic("benefits", _("I was in asylum there"), ("migration.asylum-benefits-24-months",), TALK),
            Topic("steps", _("What are the steps?"), ("migration.western-balkans-steps",), EMBASSY),
            Topic("places", _("How many places?"), ("migration.quota-2026", "migration.kosovo-share-fills-early")),
            Topic("agency", _("Do I need an agency?"), ("migration.no-agency-needed",)),
            Topic("over_45", _("I am over 45"), ("migration.over-45",)),
        )),
        Subject("skilled", _("Work with a diploma"), _("Work with a diploma or trade. What do you want to know?"), (
            Topic("which_visa", _("Which visa is for me?"), ("migration.skilled-worker",), TALK),
            Topic("recognition", _("Work and recognition"), ("migration.recognition-partnership",), TALK),
            Topic("experience", _("Experience, no diploma"), ("migration.experience-visa",), TALK),
            Topic("blue_card", _("Blue Card"), ("migration.blue-card",)),
            Topic("chancenkarte", _("Chancenkarte"), ("migration.chancenkarte", "migration.chancenkarte-money"),
                  _("Count my points for the Chancenkarte with a counsellor")),
        )),
        Subject("learn", _("Ausbildung and German"), _("Training and language. What do you want to know?"), (
            Topic("ausbildung", _("Ausbildung"), ("migration.ausbildung", "migration.ausbildung-money"),
                  _("Look for a training place in Germany")),
            Topic("certificates", _("Which certificate?"), ("migration.language-certificates",)),
            Topic("where", _("Where can I learn?"), ("migration.where-to-take-the-test",),
                  _("Register for a German course")),
            Topic("apostille", _("Papers for Germany"), ("migration.kosovo-papers-for-germany",)),
        )),
        Subject("travel", _("Visit and family"), _("Visit and family. What do you want to know?"), (
            Topic("visit", _("Visit without a visa"), ("migration.visa-free-travel", "migration.no-work-without-visa")),
            Topic("border", _("Days at the border"), ("migration.entry-exit-system", "migration.etias")),
            Topic("family", _("Join my family"), ("migration.family-reunion",), EMBASSY),
            Topic("other_country", _("Another country"), ("migration.other-countries",)),
            Topic("embassy", _("German Embassy"), ("migration.embassy-contact",)),
        )),
    ),
    intro=GUARD,
    may_ask={"about": "germany"},
)
