"""People in answers: by name for whoever may read names, by something else for everybody else.

An answer in which a person could occur asks `caller.names`.
"""

from dataclasses import dataclass

from api.masking import mask_contact, mask_numbers_in_text


@dataclass(frozen=True, slots=True)
class Names:
    shown: bool

    def of_unit(self, name: str, code: str) -> str:
        """A unit bears the name of its person; else its code, also for a vehicle: what somebody called
        it may well be a name."""
        return name if self.shown else code

    def of_post(self, name: str, role: str) -> str:
        """Whoever answers for something; else their role."""
        return name if self.shown else role

    def of_staff(self, name: str, staff_id: int) -> str:
        """Somebody among others of the staff; else `#` and their number."""
        return name if self.shown else f"#{staff_id}"

    def of_actor(self, name: str, account_id: int | None) -> str:
        """Whoever did something; else `#` and their account's number, so that two can be told apart. The
        system has a name that anybody may read."""
        return name if self.shown or account_id is None else f"#{account_id}"

    def of_reporter(self, reporter: str | None) -> str | None:
        """What is known of a reporter, the numbers in it masked; else nothing."""
        return mask_contact(reporter) if self.shown and reporter is not None else None

    def in_text(self, text: str) -> str:
        """Free text; else the same with the numbers in it masked. Nothing finds the names in it."""
        return text if self.shown else mask_numbers_in_text(text)
