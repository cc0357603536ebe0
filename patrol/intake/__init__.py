"""Cases that come from other systems, and what other systems may read of ours."""
