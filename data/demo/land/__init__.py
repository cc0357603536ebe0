"""The land of the demo town: drawn from nothing but a seed, in metres around the town's middle."""
