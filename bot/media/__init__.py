"""Files: what people send is fetched in the background and told apart by its content; what we send is made there."""

from bot.media.fetch import Fetch
from bot.media.outgoing import OurMedia

__all__ = ["Fetch", "OurMedia"]
