"""The worker's process: `wangge up` starts it, and it ends with whoever started it."""

import asyncio
import os
import signal
import sys

from api.cli.logs import configure_logs
from api.worker.order import Order
from api.worker.work import at_work
from data.database import Database

_NICE = 5
"""The server goes first where both want a processor."""


async def _work(order: Order) -> None:
    loop = asyncio.get_running_loop()
    leaving = asyncio.Event()
    loop.add_reader(sys.stdin, leaving.set)  # the pipe closes, however the parent ended
    loop.add_signal_handler(signal.SIGTERM, leaving.set)
    database, application = Database(order.database_url), Database(order.application_url)
    try:
        async with at_work(database, application, order):
            await leaving.wait()
    finally:
        database.close()
        application.close()


def main() -> None:
    configure_logs()
    os.nice(_NICE)
    asyncio.run(_work(Order.model_validate_json(sys.stdin.readline())))


if __name__ == "__main__":
    main()
