"""Employment and career."""

from conversations.areas import Subject, Topic, area_conversation
from conversations.marking import mark as _

OFFICE = _("Go to the employment office and register")
SUPPORT = _("Ask the employment office about support")
NARIC = _("Get the papers for the recognition of my diploma together")

EMPLOYMENT = area_conversation(
    "employment",
    _("Work and career"),
    _("Work and career. What is it about?"),
    (
        Subject("find_work", _("Find work"), _("Finding work. What do you want to know?"), (
            Topic("register", _("Register for work"),
                  ("employment.register-as-jobseeker",), OFFICE, "employment-agency"),
            Topic("register_papers", _("Papers for the office"), ("employment.register-papers",), OFFICE),
            Topic("cv", _("Help with my CV"), ("employment.cv-help",), _("Make a list of my jobs, with years")),
            Topic("fairs", _("Job fairs"), ("employment.job-fairs",)),
            Topic("german", _("Work with German"), ("employment.german-speaking-employers",)),
            Topic("internship", _("Paid internship"), ("employment.youth-internship",), SUPPORT, "employment-agency"),
            Topic("wage_subsidy", _("Money for my employer"),
                  ("employment.wage-subsidy-returnees",), SUPPORT, "employment-agency"),
        )),
        Subject("rights", _("Pay and contract"), _("Pay and contract. What do you want to know?"), (
            Topic("minimum_wage", _("The lowest wage"), ("employment.minimum-wage",)),
            Topic("no_contract", _("I have no contract"),
                  ("employment.no-contract",), _("Write down my hours and who saw me work"), "legal-aid-agency"),
            Topic("unpaid", _("I was not paid"),
                  ("employment.unpaid-wage",), _("Write down days and money that are missing"), "legal-aid-agency"),
            Topic("assistance", _("Work and social money"), ("employment.work-and-social-assistance",)),
        )),
        Subject("certificates", _("My certificates"), _("Certificates. Which one do you have?"), (
            Topic("degree", _("University diploma"), ("employment.foreign-degree",), NARIC, "naric"),
            Topic("school", _("School certificate"),
                  ("employment.foreign-school-certificate",), _("Get my school certificates together")),
            Topic("trade", _("A trade without paper"), ("employment.skills-without-paper",),
                  _("Collect proof of my work: photos, names, years"), "nqa"),
        )),
        Subject("training", _("Training"), _("Training. What do you want to know?"), (
            Topic("state_courses", _("State training centres"), ("employment.vocational-training",),
                  _("Ask the training centre for the next course"), "vocational-centres"),
            Topic("diakonie", _("Courses for returnees"), ("employment.diakonie-courses",),
                  _("Ask Diakonie Kosova for the next course"), "diakonie-kosova"),
        )),
        Subject("business", _("My own business"), _("Your own business. What do you want to know?"), (
            Topic("open", _("Open a business"), ("employment.open-a-business",),
                  _("Talk to a counsellor about my business")),
            Topic("coaching", _("Check my idea"), ("employment.business-coaching",),
                  _("Write my business idea on one page")),
            Topic("tools", _("Tools from the state"), ("employment.self-employment-programme",),
                  SUPPORT, "employment-agency"),
            Topic("grants", _("Small business grants"), ("employment.help-kosovo-grant",),
                  _("Ask which grant calls are open"), "help-kosovo"),
            Topic("integra", _("Women, youth, returnees"), ("employment.integra-grant",),
                  _("Ask which grant calls are open")),
        )),
    ),
    may_ask={"about": "work"},
)
