"""What terminals are told about the locations that they sent."""

from collections.abc import Sequence

from patrol.devices.jt808.answers import Result
from patrol.devices.jt808.session import Store
from patrol.tracking.receipt import Receipt

# Why a call for help is not confirmed: nobody has heard of it, or without a time nobody knows whether it
# was from duty. Such a terminal goes on calling.
_UNHEARD = frozenset({"off_duty", "unknown_unit", "not_your_unit", "bad_time"})


def receipt_to_results(receipt: Receipt, stores: Sequence[Store]) -> list[Result]:
    """For each of `stores`, whose items the receipt is about, one after the other."""
    unheard = {each.index for each in receipt.rejected if each.code in _UNHEARD}
    results, start = [], 0
    for store in stores:
        heard = any(start + index not in unheard for index in store.calls_for_help)
        results.append(Result.ALARM_CONFIRMED if heard else Result.DONE)
        start += len(store.items)
    return results
