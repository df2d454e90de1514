"""One message for each reason why a message is not understood, read by the real reader, as the writer gets it answered."""

from dataclasses import replace
from datetime import datetime

from care.effects import PlaceKind
from commands.catalogue import COMMANDS
from commands.declare import LONGEST
from commands.reading import read
from commands.reading.outcome import Misread
from tests.builders import at
from tests.commands.region import CASE, DIRECT, INBOX, scene
from tests.texts.samples import rules

AUTUMN = at("2026-10-20 10:00")
SPRING = at("2027-03-01 10:00")
JANUARY = at("2027-01-31 10:00")

TYPED: tuple[tuple[PlaceKind, str], ...] = (
    (CASE, "!frågga hemsjukvården Hur går det?"),
    (CASE, "!xyzzy"),
    (CASE, "!aktör bjud k-alm-ht"),
    (CASE, "!aktör"),
    (CASE, "!plan up"),
    (CASE, "!ärende starta"),
    (CASE, "!kvittera F1\n!svar F1 ja"),
    (CASE, "!fråga hemsjukvården Hur går det? senas=imorgon"),
    (CASE, "!fråga hemsjukvården Hur? senast=imorgon senast=idag"),
    (CASE, "!fråga hemsjukvården Hur går det? senast="),
    (CASE, '!fråga hemsjukvården "Hur går det?'),
    (CASE, "!plan uppföljning 2026-12-01 kanske"),
    (CASE, "!plan upprätta alla"),
    (CASE, f"!plan mål {'Gå ' * LONGEST}"),
    (CASE, "!fråga hemsjukvården Kan ni komma 1 december"),
    (CASE, "!fråga hemsjukvrden Hur går det?"),
    (INBOX, "!fråga"),
    (CASE, "!fråga Almfors Hur går det?"),
    (CASE, "!fråga k-eh-hsv Hur går det?"),
    (CASE, "!sip flytta snart"),
    (CASE, "!plan uppföljning 31 februari"),
    (CASE, "!fråga hemsjukvården Kan ni komma 31 februari"),
    (CASE, "!fråga hemsjukvården Kan ni komma? senast=torsdag på rummet"),
    (CASE, "!fråga hemsjukvården Kan ni komma? senast=torsdag ca 13"),
    (CASE, "!sip flytta tid=torsdag 13:00 tack"),
    (CASE, "!sip kalla tid=torsdag 13-14"),
    (CASE, "!sip kalla slut=13-14"),
    (CASE, "!sip flytta 1.12 13:00"),
    (CASE, "!plan uppföljning den 20:e"),
    (CASE, "!sip flytta imorgon bitti"),
    (CASE, "!sip flytta 1/6 kl 10"),
    (CASE, "!sip flytta 1/6 kl 3"),
    (CASE, "!sip flytta kl 13"),
    (CASE, "!sip flytta på tisdag"),
    (CASE, "!sip kalla slut=sen"),
    (CASE, "!plan uppföljning 2026-01-12"),
    (CASE, "!plan uppföljning 1 oktober"),
    (CASE, "!plan uppföljning måndag 3 november"),
    (CASE, "!sip flytta tisdag 15:00"),
    (CASE, "!sip flytta nästa torsdag kl 10"),
    (CASE, "!sip flytta på torsdag halv sju"),
    (CASE, "!sip flytta lördag 13:00"),
    (CASE, "!sip flytta 25 dec kl 13:00"),
    (CASE, "!sip flytta 25 okt kl 02:30"),
    (DIRECT, "!översikt sida=två"),
    (DIRECT, "!ärende starta 1 skyddad=kanske"),
    (CASE, "!sip svar kanske"),
    (CASE, "!aktör tacka ja någon"),
    (CASE, "!kvittera dem"),
    (INBOX, "!delta SÄ-XX jour"),
    (CASE, "!fråga hemsjukvården och biståndsenheten Hur går det?"),
    (CASE, "! fråga hemsjukvården Hur går det?"),
    (CASE, "!fråga hemsjukvården Hur går det? senast:imorgon"),
    (CASE, "!visa"),
    (CASE, '!sip kalla syfte=""'),
)


def misreads() -> list[tuple[str, Misread]]:
    """Return what was typed and how it was misread; an AssertionError names a message that was understood."""
    found = [_typed(place, text, AUTUMN) for place, text in TYPED]
    found += [_typed(CASE, "!sip flytta 28 mars kl 02:30", SPRING), _typed(CASE, "!plan uppföljning om en månad", JANUARY)]
    return found


def _typed(place: PlaceKind, text: str, now: datetime) -> tuple[str, Misread]:
    found = read(text, COMMANDS, replace(scene(place, now=now), directory=rules().directory))
    assert isinstance(found, Misread), text
    return text, found
