"""Settling in again: help, papers, home, children, health, money and rights."""

from conversations.areas import Subject, Topic, area_conversation
from conversations.marking import mark as _
from conversations.profile import HOUSEHOLD, PAPERS, ROUTING

MUNICIPALITY_OFFICE = _("Go to the returns office of my municipality")
URA = _("Contact URA")
SOCIAL = _("Ask the Centre for Social Work which papers it needs")
CIVIL = _("Ask the civil status office which papers it needs")

REINTEGRATION = area_conversation(
    "reintegration",
    _("Settling in again"),
    _("Settling in again. What is it about?"),
    (
        Subject("what_help", _("Help after coming back"), _("Help after coming back. What do you want to know?"), (
            Topic("first_week", _("My first week"), ("reintegration.first-week",), MUNICIPALITY_OFFICE,
                  "municipal-returns-office"),
            Topic("state", _("Help from the state"),
                  ("reintegration.state-programme", "reintegration.state-programme-papers"), MUNICIPALITY_OFFICE,
                  "municipal-returns-office"),
            Topic("left_late", _("I left after 2010"), ("reintegration.state-programme-cutoff",), MUNICIPALITY_OFFICE),
            Topic("ura", _("URA: who and until when"),
                  ("reintegration.ura-counselling", "reintegration.ura-register-soon"), URA, "ura"),
            Topic("ura_money", _("URA: money and things"), ("reintegration.ura-money",), URA, "ura"),
            Topic("forced", _("I was sent back"), ("reintegration.deported-any-help",), URA, "ura"),
            Topic("other_country", _("Not from Germany"), ("reintegration.other-country-return",)),
        )),
        Subject("organisations", _("Organisations"), _("Organisations. Which one do you mean?"), (
            Topic("awo", _("AWO"), ("reintegration.awo-who",), _("Contact AWO"), "awo"),
            Topic("diakonie", _("Diakonie"), ("reintegration.diakonie-returnees",), _("Contact Diakonie Kosova"),
                  "diakonie-kosova"),
            Topic("caritas", _("Caritas"), ("reintegration.caritas-home",), _("Contact Caritas"), "caritas-ch"),
            Topic("airport", _("Desk at the airport"), ("reintegration.airport-reception",)),
            Topic("communities", _("Roma, Ashkali, Egyptian"), ("reintegration.roma-ashkali-egyptian",), "", "vorae"),
        )),
        Subject("papers", _("Papers"), _("Papers. What do you need?"), (
            Topic("id", _("Kosovo ID card"), ("reintegration.id-and-central-register",), CIVIL, "civil-registration"),
            Topic("bring", _("Bring from Germany"), ("reintegration.bring-from-germany",)),
            Topic("left_there", _("Papers left in Germany"), ("reintegration.awo-german-papers",),
                  _("Ask AWO to get my papers from Germany"), "awo"),
            Topic("child_abroad", _("Child born abroad"), ("reintegration.child-born-abroad",), CIVIL),
            Topic("late", _("Child not registered"),
                  ("reintegration.late-birth-registration", "reintegration.late-birth-fees-minorities"), CIVIL, "crpk"),
            Topic("over_14", _("Child over 14"), ("reintegration.child-over-14",), CIVIL, "crpk"),
            Topic("licence", _("Driving licence"), ("reintegration.driving-licence",), CIVIL),
        )),
        Subject("children", _("Children and school"), _("Children and school. What do you want to know?"), (
            Topic("school", _("Place at school"), ("reintegration.school-enrolment",),
                  _("Go to the education office of my municipality"), "municipal-education"),
            Topic("language", _("Help with the language"), ("reintegration.school-language",), "",
                  "municipal-education"),
            Topic("ura_children", _("URA for children"), ("reintegration.ura-children",), URA, "ura"),
            Topic("allowance", _("Money for children"), ("reintegration.child-allowance",), SOCIAL),
        )),
        Subject("home", _("Home"), _("Home. What do you want to know?"), (
            Topic("social_flat", _("Social flat"), ("reintegration.social-housing",), MUNICIPALITY_OFFICE),
            Topic("repair", _("Repair of our house"), ("reintegration.minority-house-repair",), "", "vorae"),
            Topic("displaced", _("House of the ministry"), ("reintegration.displaced-housing",), "", "mcr"),
            Topic("centre_home", _("A bed or a flat now"), ("centre.housing",)),
        )),
        Subject("health", _("Doctor and health"), _("Doctor and health. What do you want to know?"), (
            Topic("doctor", _("See a doctor"), ("reintegration.doctor",),
                  _("Go to the Family Medicine Centre"), "family-medicine-centre"),
            Topic("free", _("Who does not pay?"), ("reintegration.free-care-groups",)),
            Topic("disability", _("Disability"), ("reintegration.disability-support",), SOCIAL, "handikos"),
        )),
        Subject("money", _("Money and pension"), _("Money and pension. What do you want to know?"), (
            Topic("assistance", _("Social assistance"), ("reintegration.social-assistance",), SOCIAL,
                  "centre-social-work"),
            Topic("youngest", _("Youngest child over 5"), ("reintegration.social-assistance-reform",), SOCIAL),
            Topic("pension", _("German pension"), ("reintegration.german-pension",),
                  _("Find my German insurance number")),
            Topic("refund", _("Contributions back"), ("reintegration.contribution-refund",),
                  _("Find my German insurance number")),
            Topic("debts", _("Debts"), ("reintegration.debts",), "", "legal-aid-agency"),
            Topic("claims", _("Open things in Germany"), ("reintegration.claims-in-germany",)),
            Topic("grants", _("Does DIMAK give money?"), ("centre.money",)),
        )),
        Subject("goods", _("Car and customs"), _("Car and customs. What do you want to know?"), (
            Topic("furniture", _("Customs for furniture"), ("reintegration.customs-household-goods",)),
            Topic("plates", _("German plates"), ("reintegration.foreign-plates",)),
            Topic("import", _("Bring a car for good"), ("reintegration.car-import",)),
        )),
        Subject("rights", _("My rights"), _("Your rights. What do you want to know?"), (
            Topic("lawyer", _("Free lawyer"), ("reintegration.free-legal-aid",), "", "legal-aid-agency"),
            Topic("crpk", _("Free help with papers"), ("reintegration.crpk-papers-and-rights",), "", "crpk"),
            Topic("unfair", _("An office is unfair"), ("reintegration.unfair-treatment",), "", "ombudsperson"),
        )),
    ),
    may_ask={},
    retired=frozenset({"suggested", *(step.id for step in (*ROUTING, HOUSEHOLD, PAPERS))}),
)
