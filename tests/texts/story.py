"""One case as people read it: a scripted story from opening to reopening, every message of it recorded by its template."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from unittest.mock import patch

from care import actors, closing, meetings, messages, plans, questions, rooms
from care.case import Author, Case, Entry, Event, Source
from care.clock import local
from care.closing import CaseReopened, Reason
from care.consent import Consent, Form
from care.effects import Effect, Words
from care.events import evolve
from care.expected import Matter, due_items
from care.kallelse import Call, Relatives, Venue
from care.ladder import Step, StepTaken
from care.language import Language
from care.meetings import Answer
from care.permissions import check
from care.plans import Outcome
from tests.builders import ANNA, BIST, EDGE, EVA, HSV, HT, NOOR, TIMER, ULLA, VC, at, author, opening
from tests.texts.samples import Sample, paired, rules
from texts.announce import announce, step_taken
from texts.announce.overview import overview
from texts.announce.stage import Stage
from texts.render import render

RULES = rules()
ORGANIZER = "samrum@almfors.test"
OVERVIEW = "overview/overview"
PSY = "psy-oppen"

Decision = Callable[[Case], tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of the story: what was journalled, and how to say it (again)."""

    entries: tuple[Entry, ...]
    effects: tuple[Effect, ...]
    again: Callable[[], tuple[Effect, ...]]


@dataclass
class Story:
    """A case that is played; `told` are (message, when, words), `steps` what was announced."""

    case: Case | None = None
    told: list[tuple[str, str, Words]] = field(default_factory=list[tuple[str, str, Words]])
    steps: list[Taken] = field(default_factory=list[Taken])

    @property
    def now_case(self) -> Case:
        assert self.case is not None
        return self.case

    def take(self, by: Author, moment: str, decide: Decision) -> None:
        self._journal(by, at(moment), decide(self.now_case))

    def begin(self, by: Author, moment: str, *units: str) -> None:
        invited = RULES.directory.receivers
        added = (actors.ActorAdded(f"A{n}", unit, invited(unit)) for n, unit in enumerate(units, 2))
        self._journal(by, at(moment), (opening(by, at(moment)), *added))

    def fall_due(self, matter: Matter, unit: str, number: Step, late: timedelta = timedelta()) -> None:
        """Let the timer take the next step of that kind, late or not."""
        due = next(d for d in due_items(self.now_case, RULES) if (d.matter, d.unit, d.step) == (matter, unit, number))
        now = due.at + late
        event = StepTaken(due.object, due.matter.name, unit, number, due.at, due.deadline, late > timedelta(minutes=5))
        entry, after = self._next(TIMER, now, event)
        self.case = after
        self._say(lambda: step_taken(entry, after, RULES, due, generation=1, organizer=ORGANIZER), (entry,))

    def picture(self, moment: str) -> None:
        """Record the lägesbild as it stands."""
        self.told.append((OVERVIEW, moment, overview(Stage(self.now_case, RULES, at(moment), "", ORGANIZER))))

    def _journal(self, by: Author, now: datetime, events: tuple[Event, ...]) -> None:
        before, entries = self.case, list[Entry]()
        for event in events:
            entry, self.case = self._next(by, now, event)
            entries.append(entry)
        after = self.now_case
        self._say(lambda: announce(entries, before, after, RULES, generation=int(before is not None), organizer=ORGANIZER), tuple(entries))

    def _next(self, by: Author, now: datetime, event: Event) -> tuple[Entry, Case]:
        check(self.case, event, by)
        entry = Entry("c-1", self.case.seq + 1 if self.case else 1, now, now, by, event)
        return entry, evolve(self.case, entry)

    def _say(self, announced: Callable[[], tuple[Effect, ...]], entries: tuple[Entry, ...]) -> None:
        with recorded() as said:
            effects = announced()
        when = f"{local(entries[0].received):%Y-%m-%d %H:%M}"
        self.told += [(name, when, words) for name, words in said if name != OVERVIEW]
        self.steps.append(Taken(entries, effects, announced))


@contextmanager
def recorded() -> Generator[list[tuple[str, Words]]]:
    """Note which template is rendered, without changing what it says."""
    said: list[tuple[str, Words]] = []

    def noting(name: str, /, *, language: Language, **values: object) -> Words:
        said.append((name, render(name, language=language, **values)))
        return said[-1][1]

    with patch("texts.announce.stage.render", noting):
        yield said


OLLE = author("olle", VC)
DISA = author("disa", HSV)
HOME = Call(
    purpose="Planera hjälpen hemma efter fallet",
    start=at("2026-09-15 13:00"),
    end=at("2026-09-15 14:00"),
    venue=Venue.HEM,
    units=(VC, BIST, HSV),
    leader=ANNA.user,
    relatives=Relatives.JA,
    link="https://video.almfors.test/sip",
    phone="031-390 06 99",
    mails=("karin@post.test",),
)
WARD = replace(
    HOME,
    start=at("2026-09-22 10:00"),
    end=at("2026-09-22 11:00"),
    venue=Venue.SJUKHUS,
    venue_reason="rullstolen provas ut där",
    relatives=Relatives.AVBOJER,
    link="",
    mails=("karin@post.test",),
)


@cache
def story(language: Language = Language.SV) -> Story:
    """Return the whole story, played once in an installation of that language."""
    with patch(f"{__name__}.RULES", rules(language)):
        return _played()


def told() -> Iterable[Sample]:
    """Return all that is said in the story, in both languages."""
    return paired({language: story(language).told for language in Language})


def _played() -> Story:
    told = Story()
    _opening(told)
    _questions(told)
    _meeting(told)
    _second_meeting(told)
    _plan(told)
    _closing(told)
    _rooms(told)
    return told


def _opening(told: Story) -> None:
    told.begin(ANNA, "2026-09-07 08:05", HSV, BIST, HT, PSY)
    told.picture("2026-09-07 08:05")
    told.take(NOOR, "2026-09-07 08:20", lambda case: actors.accept(case, NOOR, NOOR.user))
    told.take(EVA, "2026-09-07 08:40", lambda case: actors.decline(case, EVA, "Adressen hör till hemtjänst Norr."))
    told.fall_due(Matter.ACCEPT, BIST, Step.MISSED)
    told.fall_due(Matter.ACCEPT, BIST, Step.CHIEF, timedelta(minutes=20))
    told.take(ULLA, "2026-09-08 08:25", lambda case: actors.accept(case, ULLA, ULLA.user))
    told.take(ANNA, "2026-09-08 08:30", lambda case: actors.remove(case, PSY, "Ingen psykiatrisk kontakt längre."))
    told.take(DISA, "2026-09-08 08:35", lambda case: actors.enter(case, DISA, "Ersätter vid sjukdom den här veckan."))


def _questions(told: Story) -> None:
    told.take(
        ANNA, "2026-09-08 09:00", lambda case: messages.post(case, "Röntgen visar ingen fraktur.\nSmärtlindring är insatt i en vecka.")
    )
    told.take(NOOR, "2026-09-08 09:10", lambda case: messages.acknowledge(case, NOOR, ()))
    told.fall_due(Matter.ACKNOWLEDGE, BIST, Step.MISSED, timedelta(minutes=30))
    due, asked = at("2026-09-10 14:00"), at("2026-09-08 15:40")
    told.take(NOOR, "2026-09-08 15:40", lambda case: questions.ask(case, NOOR, BIST, "Finns trygghetslarm beviljat?", due, asked))
    told.picture("2026-09-08 15:40")
    told.fall_due(Matter.ANSWER, BIST, Step.WARN)
    told.take(
        ULLA, "2026-09-09 16:00", lambda case: questions.answer(case, ULLA, None, "Gäller det bara nattetid?", at("2026-09-09 16:00"))
    )
    told.fall_due(Matter.ANSWER, BIST, Step.MISSED)
    told.fall_due(Matter.ANSWER, BIST, Step.CHIEF)
    told.take(
        ULLA,
        "2026-09-11 08:10",
        lambda case: questions.answer(case, ULLA, "F1", "Ja, larmet är beviljat från måndag.", at("2026-09-11 08:10")),
    )
    told.take(ULLA, "2026-09-11 08:11", lambda case: messages.acknowledge(case, ULLA, ()))


def _meeting(told: Story) -> None:
    tapped = replace(ULLA, source=Source.REACTION)
    told.take(ANNA, "2026-09-11 09:00", lambda case: meetings.call(case, HOME, at("2026-09-11 09:00")))
    told.take(NOOR, "2026-09-11 09:30", lambda case: meetings.reply(case, NOOR, None, Answer.JA))
    told.take(tapped, "2026-09-11 09:40", lambda case: meetings.reply(case, tapped, "S1", Answer.NEJ))
    told.take(ULLA, "2026-09-11 09:45", lambda case: meetings.reply(case, ULLA, "S1", Answer.NEJ, "Semester hela veckan.", "Gunnar Demo"))
    told.picture("2026-09-11 09:45")
    told.take(tapped, "2026-09-11 09:50", lambda case: meetings.take_back(case, tapped, "S1"))
    told.take(ULLA, "2026-09-11 09:55", lambda case: meetings.reply(case, ULLA, "S1", Answer.DIGITALT))
    told.take(NOOR, "2026-09-11 10:00", lambda case: meetings.reply(case, NOOR, "S1", Answer.NEJ, "Utbildning."))
    later, reason = at("2026-09-17 13:00"), "Hemsjukvården kan inte på tisdag."
    told.take(ANNA, "2026-09-11 10:30", lambda case: meetings.move(case, None, later, None, reason, at("2026-09-11 10:30")))
    told.take(NOOR, "2026-09-11 10:40", lambda case: meetings.reply(case, NOOR, None, Answer.NAS))
    told.fall_due(Matter.REPLY, BIST, Step.WARN)
    told.fall_due(Matter.REPLY, BIST, Step.MISSED)
    told.fall_due(Matter.REPLY, BIST, Step.CHIEF)
    told.fall_due(Matter.MEETING_DAY, "", Step.REMIND)
    told.take(ULLA, "2026-09-16 15:00", lambda case: meetings.reply(case, ULLA, None, Answer.JA))
    told.fall_due(Matter.MEETING_HOUR, "", Step.REMIND, timedelta(minutes=10))
    told.take(ANNA, "2026-09-17 14:10", lambda case: meetings.hold(case, None, (VC, BIST), person=True, now=at("2026-09-17 14:10")))


def _second_meeting(told: Story) -> None:
    told.take(OLLE, "2026-09-17 14:20", lambda case: meetings.call(case, WARD, at("2026-09-17 14:20")))
    told.take(OLLE, "2026-09-17 14:30", lambda case: meetings.recall(case, None, "Utprovningen görs hemma i stället."))
    told.take(NOOR, "2026-09-17 14:40", lambda case: messages.acknowledge(case, NOOR, ()))
    told.take(ULLA, "2026-09-17 14:41", lambda case: messages.acknowledge(case, ULLA, ()))


def _plan(told: Story) -> None:
    moment = "2026-09-17 14:50"
    told.take(ANNA, moment, lambda case: plans.goal(case, "Kunna gå till brevlådan själv."))
    told.take(ANNA, moment, lambda case: plans.measure(case, "Trygghetslarm monteras.", None, BIST))
    told.take(NOOR, moment, lambda case: plans.measure(case, "Gångträning två gånger i veckan.", "M1", HSV))
    told.take(ANNA, moment, lambda case: plans.coordinate(case, HSV))
    told.picture(moment)
    told.take(ANNA, moment, lambda _: plans.follow_up_on(date(2026, 10, 15), date(2026, 9, 17)))
    told.take(ANNA, "2026-09-17 15:00", plans.establish)
    told.fall_due(Matter.FOLLOW_UP, HSV, Step.REMIND)
    told.fall_due(Matter.FOLLOW_UP, HSV, Step.MISSED)
    told.fall_due(Matter.FOLLOW_UP, HSV, Step.CHIEF)
    today = date(2026, 10, 16)
    told.take(NOOR, "2026-10-16 09:00", lambda case: plans.follow_up(case, Outcome.DELVIS, "Går till grinden.", date(2026, 11, 13), today))
    told.take(NOOR, "2026-10-16 09:05", lambda case: plans.goal(case, "Gå till affären."))
    told.picture("2026-10-16 09:05")
    told.take(NOOR, "2026-10-16 09:10", plans.establish)
    told.take(NOOR, "2026-11-12 09:00", lambda case: plans.follow_up(case, Outcome.UPPNATT, "", None, date(2026, 11, 12)))


def _closing(told: Story) -> None:
    met = Reason.MALEN_UPPFYLLDA
    told.take(ANNA, "2026-11-12 10:00", lambda case: closing.propose(case, ANNA, met, 0))
    told.take(ULLA, "2026-11-12 11:00", lambda case: closing.oppose(case, ULLA, "Larmet ska omprövas i december."))
    told.take(ANNA, "2026-12-07 10:00", lambda case: closing.propose(case, ANNA, met, 1))
    told.take(ANNA, "2026-12-07 10:05", closing.withdraw)
    told.take(ANNA, "2026-12-07 10:10", lambda case: closing.propose(case, ANNA, met, 2))
    told.take(NOOR, "2026-12-07 10:20", lambda case: closing.agree(case, NOOR))
    told.picture("2026-12-07 10:20")
    told.fall_due(Matter.CLOSE, VC, Step.REMIND)
    told.take(ULLA, "2026-12-15 09:00", lambda case: closing.agree(case, ULLA))
    told.picture("2026-12-15 09:00")
    told.take(NOOR, "2027-01-11 09:00", _reopened)


def _rooms(told: Story) -> None:
    """What the edge sees: rooms lost and weakened, people who leave."""
    happened: tuple[tuple[str, Event], ...] = (
        ("2027-01-12 09:00", rooms.RoomLost(rooms.Fate.REMOVED)),
        ("2027-01-12 10:00", rooms.RoomLost(rooms.Fate.REPLACED)),
        ("2027-01-12 11:00", rooms.RoomMoved()),
        ("2027-01-12 12:00", rooms.RoomWeakened(("m.room.power_levels",), restored=True)),
        ("2027-01-12 13:00", rooms.RoomWeakened(("m.room.join_rules", "m.room.history_visibility"), restored=False)),
        ("2027-01-12 14:00", rooms.StrangerRemoved("@okand:almfors.test")),
        ("2027-01-12 15:00", rooms.PersonLeft(ULLA.user)),
        ("2027-01-12 16:00", rooms.PersonWithdrawn(NOOR.user)),
    )
    for moment, event in happened:
        told.take(EDGE, moment, _always(event))
    told.picture("2027-01-12 16:00")
    told.take(NOOR, "2027-01-13 09:00", lambda _: (closing.CaseClosed(Reason.ATERTAGET_SAMTYCKE),))
    told.take(EDGE, "2027-01-13 10:00", _always(rooms.RoomLost(rooms.Fate.REMOVED)))
    told.take(EDGE, "2027-01-13 10:00", _always(rooms.PersonLeft(ANNA.user)))


def _always(event: Event) -> Decision:
    return lambda _: (event,)


def _reopened(case: Case) -> tuple[Event, ...]:
    given = Consent(Form.MUNTLIGT, HSV, NOOR.user, at("2027-01-11 09:00"), frozenset({HSV, VC, BIST}))
    asked = tuple(actors.ActorAdded(case.next("A", n), unit, RULES.directory.receivers(unit)) for n, unit in enumerate((VC, BIST), 1))
    return (CaseReopened(case.next("A"), "Nytt fall hemma.", "Grön hare", given), *asked)
