"""The outbox loop: what is stored is sent, in order for each address, what people wait for first."""

from bot.deliver.deliver import Deliver

__all__ = ["Deliver"]
