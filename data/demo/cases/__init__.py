"""Cases of the demo town: what people complain about, and how it is dealt with."""
