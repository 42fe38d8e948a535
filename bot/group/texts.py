"""What the bot says to colleagues in the group: to one of them in the language that they read the console in, to all in
the centre's."""

from bot.console.tongue import spoken
from conversations.marking import mark_for_desk as _d

NOT_LINKED = _d("This did not go to the person: nobody here knows whose Telegram account this is. In the console, "
                "under your name, link it; then write it again.")
ANONYMOUS = _d("This did not go to the person: who writes as the group cannot be known. Turn “remain anonymous” off, "
               "then write it again.")
LINKED = _d("This account is {name}'s from now on. What you write in a chat's topic goes to its person.")
BAD_CODE = _d("This code is not good, or not any more. In the console, under your name, there is a new one.")
HIDDEN = _d("Nothing was sent: words of this chat are not shown here. {link}")
ROLE = _d("Your role does not allow this.")
NOT_SENT = _d("Not sent. {why}")
NOT_YET = _d("Not sent yet.")
WARNED = _d("{why} To send it all the same, answer your message with /send.")
ONLY_YOURS = _d("Answer your own message with /send.")
ANSWER_IT = _d("Answer the message that is to be taken back with /back.")
SEVERAL = _d("Several messages stand in this one: take back the right one in the console. {link}")
NOTHING_TO_TAKE_BACK = _d("Nothing went to the person from this message, or it was taken back already.")
HAS_IT = _d("{name} has this chat. Nothing was sent.")
NO_SUCH_FILE = _d("This kind of thing does not go to people from here: nothing was sent. A photo, a voice message, "
                  "a film or a document does.")
HOW_DID_IT_END = _d("How did the chat end?\n{ways}\nWhat colleagues should know can stand behind it.")
TO_WHOM = _d("To whom does the chat go?\n{ways}\nThe reason can stand behind it.")
WHY_TO = _d("Say why, behind it: /{command} and the reason.")
NOT_CHANGED = _d("A command that is changed does nothing. Write it anew.")
NO_COMMAND = _d("There is no such command, and nothing was sent.")
COMMANDS = {
    "note": _d("A word for colleagues, which the person never sees"),
    "take": _d("Take the chat, also from a colleague"),
    "transfer": _d("Hand it to a colleague or an area"), "close": _d("End it"), "card": _d("Who this is"),
    "send": _d("Answer your own message with it: send it all the same"),
    "back": _d("Answer a message to the person with it: it is taken back"), "help": _d("What can be done here"),
}
WRITE_HERE = _d("In the topic of a chat, what you write goes to its person. The first answer takes the chat.")
GIVEN_OFTEN = _d("An answer that is given often: write the name of the bot and a word of it.")
CHANGED = "✎ "
"""Before words that take the place of what was sent."""


def what_can_be_done() -> str:
    return "\n".join((spoken(WRITE_HERE), *(f"/{name} {spoken(what)}" for name, what in COMMANDS.items()),
                      spoken(GIVEN_OFTEN)))
