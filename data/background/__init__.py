"""What goes on by itself over a database that may go away and come back."""

from data.background.nightly import WANGGE, Nightly
from data.background.reconnecting import Reconnecting
from data.background.routine import Leaving, Routine

__all__ = ["WANGGE", "Leaving", "Nightly", "Reconnecting", "Routine"]
