"""Entry points: HTTP and the command line; who may do what."""
