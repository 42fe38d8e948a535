"""Every conversation, and the one that a new person starts."""

from collections.abc import Mapping

from conversations.answer import ANSWER
from conversations.appointments import ANOTHER, BOOKED, MINE, PICK, SOON
from conversations.apps import APPS, JOIN
from conversations.asking import ASKING
from conversations.check_in import CHECK_IN, STEP_SOON
from conversations.consents import CONSENTS
from conversations.discreet import DISCREET, HIDE
from conversations.distress import DISTRESS
from conversations.eligibility.talk import ELIGIBILITY, HELP_FOUND
from conversations.employment import EMPLOYMENT
from conversations.intake import FIRST_AREA, INTAKE
from conversations.languages import LANGUAGE, OTHER_LANGUAGE
from conversations.leaving import LEAVING
from conversations.menu import HELP, MENU, PAUSE, RATING
from conversations.migration import MIGRATION
from conversations.model import Conversation
from conversations.my_data import MY_DATA
from conversations.news import NEWS
from conversations.one_phone import SHARE, WHO
from conversations.plan import ANOTHER_DAY, PLAN
from conversations.psychosocial import PSYCHOSOCIAL
from conversations.referral import OUTCOME, REFERRAL
from conversations.reintegration import REINTEGRATION
from conversations.told import FACT_NEWS, HELP_NEWS
from conversations.welcome import WELCOME
from conversations.wellbeing import WELLBEING, WELLBEING_AGAIN

FIRST = WELCOME.name
CHECK_IN_NAME = CHECK_IN.name
ASKING_NAME = ASKING.name
NEWS_NAME = NEWS.name
STEP_SOON_NAME = STEP_SOON.name
FACT_NEWS_NAME = FACT_NEWS.name
HELP_NEWS_NAME = HELP_NEWS.name
ANSWER_NAME = ANSWER.name
LEAVING_NAME = LEAVING.name
APPOINTMENT_SOON_NAME = SOON.name
REFERRAL_NAME = REFERRAL.name
INTAKE_NAME = INTAKE.name
OUTCOME_NAME = OUTCOME.name
IN_A_TALK = frozenset({"may_send", "did_it_help", "pick_time", "and_now", "another", "whose_sign", "new_sign"})
"""Questions of a counsellor's own that are answered with a tap also while the counsellor has the chat; and who is
writing."""
WHO_NAME = WHO.name
SHARE_NAME = SHARE.name
LANGUAGE_NAME = LANGUAGE.name
OTHER_LANGUAGE_NAME = OTHER_LANGUAGE.name
RATING_NAME = RATING.name
ANOTHER_DAY_NAME = ANOTHER_DAY.name
JOIN_NAME = JOIN.name
DISTRESS_NAME = DISTRESS.name
WELLBEING_NAME = WELLBEING.name
WELLBEING_AGAIN_NAME = WELLBEING_AGAIN.name
HOME = MENU.name
"""Where a person is when nothing else is open."""

CONVERSATIONS: Mapping[str, Conversation] = {
    one.name: one
    for one in (
        WELCOME, MENU, INTAKE, FIRST_AREA, EMPLOYMENT, MIGRATION, REINTEGRATION, PSYCHOSOCIAL, ELIGIBILITY, PLAN,
        ANOTHER_DAY, CHECK_IN, STEP_SOON, ASKING, NEWS, MY_DATA, CONSENTS, DISCREET, HIDE, APPS, JOIN, HELP, LANGUAGE,
        PAUSE, RATING, DISTRESS, WELLBEING, WELLBEING_AGAIN, ANSWER, OTHER_LANGUAGE, REFERRAL, OUTCOME,
        PICK, BOOKED, MINE, SOON, ANOTHER, LEAVING,
        FACT_NEWS, HELP_NEWS, HELP_FOUND, WHO, SHARE,
    )
}
