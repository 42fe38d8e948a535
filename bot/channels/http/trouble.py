"""What can go wrong with a call. No text here holds an address, since an address may hold a token."""


class HttpTrouble(Exception):
    """There was no answer that could be used."""


class NotSent(HttpTrouble):
    """No connection could be had, so nothing has left this machine."""


class Forbidden(NotSent):
    """The name stands for no address that we may go to."""


class ConnectionLost(HttpTrouble):
    """The connection broke while a call was under way: nobody knows whether it arrived."""


class NoAnswer(HttpTrouble):
    """It took too long: nobody knows whether it arrived."""


class Unreadable(HttpTrouble):
    """What came back makes no sense: nobody knows what was done."""


class TooMuch(Unreadable):
    """What comes back is larger than it may be; the rest of it is not read."""
