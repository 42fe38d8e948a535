"""READ THIS FIRST. Events -> one transaction -> outbox.

What has arrived, from any channel, the clock or a counsellor, is one batch and one transaction. Only after its
commit is the platform told that we have it, and only then does the sender get what is to be said.
"""

from bot.receive.inbox import Receive

__all__ = ["Receive"]
