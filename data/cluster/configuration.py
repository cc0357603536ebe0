"""PostgreSQL's settings for a cluster that shares one machine with the application."""

import os
from pathlib import Path

_MB = 1024 * 1024


def machine_memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MB


def settings(*, socket_dir: Path, memory_mb: int, durable: bool) -> str:
    """The text of `wangge.conf`. A quarter of the memory up to 2 GB is the server's own cache: beyond
    that the kernel's page cache serves a town just as well and leaves room for the application."""
    shared_buffers = max(64, min(memory_mb // 4, 2048)) if durable else 128
    lines = [
        "listen_addresses = ''",
        f"unix_socket_directories = '{socket_dir}'",
        "unix_socket_permissions = 0700",
        "max_connections = 120",
        f"shared_buffers = {shared_buffers}MB",
        f"effective_cache_size = {max(256, memory_mb // 2)}MB",
        "work_mem = 16MB",
        f"maintenance_work_mem = {max(64, min(memory_mb // 16, 512))}MB",
        "max_wal_size = 4GB",
        "checkpoint_completion_target = 0.9",
        "random_page_cost = 1.1",
        "jit = off",  # the statements are short; compiling them costs more than it gains
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "lc_messages = 'C.UTF-8'",
        # What is stored does not belong into a log: no statement, no parameter, no failing row.
        "log_statement = 'none'",
        "log_min_error_statement = panic",
        "log_error_verbosity = terse",
        "log_parameter_max_length = 0",
        "log_parameter_max_length_on_error = 0",
    ]
    if not durable:  # a cluster for tests: nothing in it outlives the run
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    return "\n".join(lines) + "\n"
