"""What devices send, one module for each protocol: bytes or parameters in, fixes out.

Pure: no input or output, no clock. What cannot be read comes out as Refused, with its reason, so that
one bad position never stops those behind it.
"""
