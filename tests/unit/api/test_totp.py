from datetime import UTC, datetime, timedelta

import pytest

from api.accounts.totp import code_to_step, is_secret, new_secret, secret_to_uri, uri_to_qr

# The key of RFC 6238, appendix B: the ASCII digits 12345678901234567890. Its codes there have eight
# digits, of which six are the last ones.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_rfc(at_s: int, code: str) -> None:
    assert code_to_step(SECRET, code, datetime.fromtimestamp(at_s, UTC)) == at_s // 30


@pytest.mark.parametrize(("late_s", "counts"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_away(late_s: int, counts: bool) -> None:
    at = datetime.fromtimestamp(1111111109, UTC) + timedelta(seconds=late_s)
    assert (code_to_step(SECRET, "081804", at) is not None) is counts


def test_a_code_counts_once_and_none_of_before_counts_after_it() -> None:
    at = datetime.fromtimestamp(1111111109, UTC)
    step = code_to_step(SECRET, "081804", at)
    assert step is not None
    assert code_to_step(SECRET, "081804", at, after=step - 1) == step
    assert code_to_step(SECRET, "081804", at, after=step) is None
    assert code_to_step(SECRET, "081804", at, after=step + 1) is None


@pytest.mark.parametrize("code", ["081 804", " 081804 ", "０８１８０４"])
def test_a_code_may_be_typed_as_people_do(code: str) -> None:
    assert code_to_step(SECRET, code, datetime.fromtimestamp(1111111109, UTC)) is not None


@pytest.mark.parametrize("code", ["", "81804", "0818040", "abcdef", "-81804"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert code_to_step(SECRET, code, datetime.fromtimestamp(1111111109, UTC)) is None


def test_a_new_secret_is_one() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(map(is_secret, secrets))
    assert not is_secret("MZXW6YTBOI")
    assert not is_secret("0" * 32)


def test_an_app_reads_the_uri_from_the_qr_code() -> None:
    uri = secret_to_uri(SECRET, "王小明@东镇")
    assert uri.startswith("otpauth://totp/Wangge:%E7%8E%8B")
    assert f"secret={SECRET}" in uri
    assert "issuer=Wangge" in uri
    qr = uri_to_qr(uri)
    assert qr.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert qr.endswith("</svg>")
