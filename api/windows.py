"""Windows of the clock in bodies and answers."""

from datetime import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gis.local_time import Window

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_MIDNIGHT = "24:00"


class WindowBody(BaseModel):
    """Times of the clock in China; one that does not end later than it begins ends on the next day.
    `to` may be written 24:00."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    begins: Annotated[str, Field(alias="from", pattern=rf"^{_CLOCK}$", examples=["16:00"])]
    ends: Annotated[str, Field(alias="to", pattern=rf"^({_CLOCK}|{_MIDNIGHT})$")]

    def read(self) -> Window:
        ends = time() if self.ends == _MIDNIGHT else time.fromisoformat(self.ends)
        return Window(begins=time.fromisoformat(self.begins), ends=ends)
