"""The outbox loop: what is stored is sent, in order for each address, what people wait for first."""

from bot.deliver.deliver import Deliver, pause_after

__all__ = ["Deliver", "pause_after"]
