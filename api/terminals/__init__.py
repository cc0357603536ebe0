"""The door for JT/T 808 terminals: TCP in, fixes to the recorder, answers after the commit."""

from api.terminals.door import TerminalDoor
from api.terminals.settings import TerminalSettings

__all__ = ["TerminalDoor", "TerminalSettings"]
