"""The worker: what goes on beside the server, in a process of its own, so that nobody who sends fixes or
looks at the map has to wait for it."""
