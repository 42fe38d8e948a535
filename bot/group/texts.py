"""What the bot says to colleagues in the group. In English, as the console."""

NOT_LINKED = ("This did not go to the person: nobody here knows whose Telegram account this is. In the console, under "
              "your name, link it; then write it again.")
ANONYMOUS = ("This did not go to the person: who writes as the group cannot be known. Turn “remain anonymous” off, "
             "then write it again.")
LINKED = "This account is {name}'s from now on. What you write in a chat's topic goes to its person."
BAD_CODE = "This code is not good, or not any more. In the console, under your name, there is a new one."
HIDDEN = "Nothing was sent: words of this chat are not shown here. {link}"
ROLE = "Your role does not allow this."
NOT_SENT = "Not sent. {why}"
NOT_YET = "Not sent yet."
WARNED = "{why} To send it all the same, answer your message with /send."
ONLY_YOURS = "Answer your own message with /send."
ANSWER_IT = "Answer the message that is to be taken back with /back."
SEVERAL = "Several messages stand in this one: take back the right one in the console. {link}"
NOTHING_TO_TAKE_BACK = "Nothing went to the person from this message, or it was taken back already."
HAS_IT = "{name} has this chat. Nothing was sent."
NO_SUCH_FILE = ("This kind of thing does not go to people from here: nothing was sent. A photo, a voice message, "
                "a film or a document does.")
HOW_DID_IT_END = "How did the chat end?\n{ways}\nWhat colleagues should know can stand behind it."
TO_WHOM = "To whom does the chat go?\n{ways}\nThe reason can stand behind it."
NO_SUCH = "There is no {what} like that."
WHY_TO = "Say why, behind it: /{command} and the reason."
NOT_CHANGED = "A command that is changed does nothing. Write it anew."
NO_COMMAND = "There is no such command, and nothing was sent."
COMMANDS = {
    "note": "A word for colleagues, which the person never sees", "take": "Take the chat, also from a colleague",
    "transfer": "Hand it to a colleague or an area", "close": "End it", "card": "Who this is",
    "send": "Answer your own message with it: send it all the same",
    "back": "Answer a message to the person with it: it is taken back", "help": "What can be done here",
}
HELP = "\n".join((
    "In the topic of a chat, what you write goes to its person. The first answer takes the chat.",
    *(f"/{name} {what}" for name, what in COMMANDS.items()),
    "An answer that is given often: write the name of the bot and a word of it.",
))
CHANGED = "✎ "
"""Before words that take the place of what was sent."""
