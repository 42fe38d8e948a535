"""What the bot says outside of conversations."""

from conversations.marking import mark as _

GO_ON = _("Let us go on where we were.")
WELCOME_BACK = _("It is good that you write again. Our team sees it too.")
YOU_ARE_WELCOME = _("You are welcome. We wish you all the best. When you need something, write here.")
HELLO_AGAIN = _("Hello. It is good to hear from you. When you need something, write here.")
KIND_WORDS = {"thanks": YOU_ARE_WELCOME, "greeting": HELLO_AGAIN}
"""After the end of a talk or a case."""
SHORT_KIND_WORDS = {"thanks": _("You are welcome."), "greeting": _("Hello.")}
"""Before the question that is open."""
OLD_BUTTON = _("That button belongs to an earlier question.")
LONG_STORY = _("Thank you for writing all this. A person from our team reads it whole and writes to you here.")
PASSED_ON = _("Thank you for the question. A person from our team reads it and writes to you here.")
PICTURE, PICTURES = _("Here is a picture for you."), _("Here are pictures for you.")
PICTURE_OF = _("Picture {number} of {of}")
GOES_WITH_IT = _("Thank you. Whoever looks at what you sent reads this with it.")
NOT_UNDERSTOOD_AGAIN = _("I do not understand what you need. A person from our team will. They know that you are here.")
OTHER_LANGUAGE = _("You write in English. I can answer in English too.")
"""Said in the language that somebody writes in; each translation names its own."""
STOPPED = _("All right. We will not write to you by ourselves any more. You can write to us at any time.")
SWITCHED = _("From now on I write in this language.")

CODE_IS_OF_HERE = _("This is the code of this chat. Write it in the other app.")
CODE_IS_OLD = _("This code does not work any more. Get a new one in the other app, under “My data”, “My apps”.")
NOT_JOINED = _("These chats cannot be joined: in one of them you do not want us to keep what you say. You can change "
               "that under “My data”.")
JOINED = _("This is one talk now, here and in {other}. We answer where you wrote last.")
JOINED_THERE = _("From now on this talk also goes on in {other}. That was not you? Open “My data”, “My apps”, and "
                 "take the other apps away.")

KNOWS = _("Our team knows that you want to talk. You can close the chat; we write to you here.")
OPEN_NOW = _("Somebody reads here today until {time}.")
UNKNOWN_HOURS = _("We cannot say yet when somebody answers.")
CLOSED_NOW = _("Nobody is reading now. A person reads your message {moment}.")
WRITE_NOW = _("You can already write here what it is about.")
IN_DANGER = _("If you are in danger, call 112.")
STILL_WITH_TEAM = _("Your message is still with our team.")
LEFT_URGENT = _("You have left the talk. Our team still looks after your message.")
LEFT_TALK = _("You have left the talk with the counsellor.")

CARD = _("Thank you for writing this.\nIf you are in danger now, call 112. The call is free.\n"
         "If you can, go to a person you trust.")
CARD_FOR_A_TAP = _("Thank you for letting us know.\nIf you are in danger now, call 112. The call is free.\n"
                   "If you can, go to a person you trust.")
CARD_WATCHED = _("Thank you for writing this.\nIf you are in danger now, call 112. The call is free.\n"
                 "If you can, go to a place where other people are.\nWrite here only when nobody sees your phone.")
CARD_CHILD = _("Thank you for writing this.\nIf you or the child are in danger now, call 112. The call is free.\n"
               "If you can, stay together, close to people you trust.")
CARD_EMERGENCY = _("Thank you for writing this.\nCall 112 now. The call is free.\n"
                   "Say first where you are, and stay on the line.")
CARD_UNREAD = _("Thank you for writing. A person from our team must read this.\n"
                "If you are in danger now, call 112. The call is free.")
CARD_AGAIN = _("Your message has arrived. If you are in danger now, call 112.")
TODAY = _("Thank you for telling us. You need not be alone with this.\n"
          "If you are in danger, call 112. The call is free.")
TODAY_WATCHED = _("Thank you for telling us. It is not your fault.\n"
                  "If you are in danger, call 112. The call is free.\nWrite here only when nobody sees your phone.")
LISTENING = (
    _("This has arrived too. You need not be alone with it.\nIf you are in danger now, call 112."),
    _("You can go on writing if it helps you. Our team reads every message, but perhaps not now.\n"
      "If you are in danger now, call 112."),
)
"""What is said instead of the card: the first time, and from the second on."""
HEARD = _("That sounds hard. You can talk to a person from our team at any time.")
MARKED_URGENT = _("Your message is marked as urgent for our team.")
NOBODY_NOW = _("Nobody is reading here now. A person reads it {moment}.")
TODAY_OPEN = _("A person from our team reads this today, until {time}, and writes to you here.")
TODAY_LATE = _("Somebody reads here today until {time}. At the latest, a person writes to you {moment}.")
TODAY_CLOSED = _("Nobody is reading here now. A person reads this and writes to you {moment}.")
TODAY_UNKNOWN = _("Our team is asked to read this as soon as somebody is here. We cannot say when.")
CLOSED_CARE = _("We end this talk here for now. You can write to us again at any time.\n"
                "If you are in danger, call 112.")
NOBODY_KNOWN = _("We cannot say when somebody reads it here. So please call first.")

STILL_THERE = _("Hello. Can we do anything else for you?\nWrite here, and this talk stays open.\n"
                "If we hear nothing, we close it on the next working day. You can begin a new one at any time.")
CLOSED_SILENT = _("We end this talk here for now. You can begin a new one at any time.")
"""After days without a word of the person."""

SECOND_TRY = _("Hello. We asked you something two days ago. There is no hurry.")
THIRD_TRY = _("Hello. We try to reach you here too. There is no hurry.")
OUR_FAULT = _("Something went wrong on our side. Your message is kept. A person will look at it.")

BEGIN_HERE = _("Hello. This is the chat of {centre}. Everything is free.\nTap the button, and we begin.")
BEGIN = _("Begin")

FOR_ONE_OF_YOU = _("There is a message for one of you.")
OTHER_DIGITS = _("These are not the digits of this sign.")
SIGN_RESTS = _("That was too often. Please wait a while, then try again. A person can help you: tap “Contact”.")
SIGN_TAKEN = _("Somebody else has this sign.")
ONLY_YOURS = _("The others do not use this phone any more. From now on this chat is only yours. No sign is needed.")
COMMANDS = {
    "menu": _("Menu"), "human": _("Talk to a counsellor"), "danger": _("I need help now"), "plan": _("My plan"),
    "language": _("Language"), "my_data": _("My data"), "help": _("Help"), "stop": _("Stop"), "pause": _("Pause"),
    "paper": _("In large letters"), "listen": _("Listen"),
    "leave": _("Leave the talk"), "done": _("Close my chat"),
    "hide": _("Hide this chat"), "skip": _("Skip"), "back": _("Back"),
}
"""What tapping a command reads like in the chat."""
