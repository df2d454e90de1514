"""What is said about devices and identities that are not trusted, and about messages that could not be read."""

from tests.builders import HSV, NOOR, at
from tests.texts.samples import Sample, sample

NOW, SENT = at("2026-09-08 08:10"), at("2026-09-08 08:07")
KEY = "Ab1c De2f Gh3i Jk4l Mn5o Pq6r St7u Vw8x Yz9A Bc0D …"
OTHER = "zY9x Wv8u Ts7r Qp6o Nm5l Kj4i Hg3f Ed2c Ba1Z Yx0W …"


def _told(message: str, what: str, /, **values: object) -> Sample:
    return sample(message, what, user=NOOR.user, name="Noor Demo", sent=SENT, now=NOW, **values)


def _summary(what: str, *keys: str, vouched: bool = True) -> Sample:
    return _told("form/summary_trust", what, since=SENT, units=(HSV,), keys=keys, vouched=vouched)


SAMPLES = (
    _told("trust/device", "a device that is not verified"),
    _told("trust/identity", "an identity that is not accepted"),
    _told("trust/unreadable", "a message that cannot be read"),
    _told("trust/too_late", "a message that could be read too late"),
    _told("trust/changed", "to the administrators", units=(HSV,)),
    _told("trust/changed", "to the administrators, about one of them", units=()),
    _summary("before an identity is accepted", KEY),
    _summary("before one with several devices is accepted", KEY, OTHER),
    _summary("before one that no device vouches for is accepted", KEY, vouched=False),
    _told("form/confirm_key", "another group than the last"),
    _told("receipts/trusted", "when it was accepted", by="@admin.demo:almfors.example"),
    _told("refusals/trust/unknown", "a stranger"),
    _told("refusals/trust/unchanged", "an identity as it was"),
    _told("refusals/trust/changed-again", "an identity that changed once more"),
    _told("refusals/trust/vanished", "an identity that is gone", since=SENT),
)
