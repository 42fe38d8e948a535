"""Browsers that are woken when there is something new: `chat` for people, `desk` for the team.

What goes out is empty. Here is kept where it goes to, and whether it may go now."""
