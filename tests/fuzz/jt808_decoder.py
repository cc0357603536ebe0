"""A fuzzer of the JT/T 808 decoder: `python tests/fuzz/jt808_decoder.py -max_total_time=60`.

The bytes go through a session of a terminal that is known, once as they are and once as the content of a
frame with a good checksum, or nothing would ever get past that. Anything that is raised is a finding.
"""

import sys

import atheris

with atheris.instrument_imports(include=["patrol.devices"]):
    from patrol.devices.jt808.answers import RegisterResult, Result
    from patrol.devices.jt808.frames import wrap
    from patrol.devices.jt808.session import Authenticate, LogOut, Register, Session, Store


def test_one_input(content: bytes) -> None:
    session = Session()
    for now_s, chunk in enumerate((_HELLO, content, wrap(content or b"\0"))):
        for action in session.receive(chunk, now_s):
            match action:
                case Authenticate():
                    answers = session.authenticated(action, "VH-01")
                case Register():
                    answers = session.registered(action, RegisterResult.DONE, "code")
                case Store():
                    answers = session.stored(action, Result.DONE)
                case LogOut():
                    answers = session.logged_out(action)
                case _:
                    continue
            list(answers)
        list(session.look(now_s * 10.0))


_HELLO = wrap(bytes.fromhex("010200040138123456780001") + b"code")

if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
