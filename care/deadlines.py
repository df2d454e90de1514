"""When something is due, warned about, missed and brought before the chief: the ladder's times as pure functions.

Process 3.0.5, 3.0.7 and 3.3 (D14). All instants are aware UTC. Figures come from the rule profile, whose `staffed` days are working
days. A moment may lie in the past when something is created late: the caller asks what is due now.
"""

from datetime import UTC, date, datetime, time, timedelta

from care.calendar import add_working_days, is_working_day, previous_working_day
from care.clock import local
from care.profile import Profile
from care.reviews import AFTERNOON, MORNING, missed_at, slot_after, slot_before, slot_from, wall

Hours = tuple[time, time] | None
"""Wall times (opens, closes) on working days, `Unit.hours`; None is round the clock."""

LAST_MINUTE = time(23, 59)
"""A deadline that is a date lasts until this wall time of it (process 3.0.7)."""


def within_hours(instant: datetime, hours: Hours, staffed: frozenset[date] = frozenset()) -> bool:
    """Return whether a unit is open: from opening until closing on a working day, always for one that is open round the clock.

    Hours that close at or before the time they open run past midnight and belong to the day on which they began.
    """
    if hours is None:
        return True
    opens, closes = hours
    moment = local(instant)
    today, clock = moment.date(), moment.time()
    if opens < closes:
        return opens <= clock < closes and is_working_day(today, staffed)
    if clock >= opens:
        return is_working_day(today, staffed)
    return clock < closes and is_working_day(today - timedelta(days=1), staffed)


def may_ring(instant: datetime, hours: Hours, staffed: frozenset[date] = frozenset()) -> bool:
    """Return whether a warning may ring a unit: within its hours and on a working day, for a ward too (process 3.0.7, step 2)."""
    return is_working_day(local(instant).date(), staffed) and within_hours(instant, hours, staffed)


def acknowledge_by(posted: datetime, rules: Profile) -> datetime:
    """Return the slot at which a message must be acknowledged: the first at or after its posting (process 3.0.5)."""
    slot = slot_from(posted, rules.staffed)
    return _slots_after(slot, rules.acknowledge_within.value - 1, rules)


def acknowledgement_missed(posted: datetime, rules: Profile) -> datetime:
    """Return when a message, a kallelse too, counts as missed: its slot and the grace (process 3.0.5)."""
    return missed_at(acknowledge_by(posted, rules), rules.review_grace.length)


def answer_due(posted: datetime, rules: Profile) -> datetime:
    """Return the default due time of a question: the slot after the acknowledging one (process 3.0.5).

    There a question is missed, without grace (process 3.0.7).
    """
    return _slots_after(acknowledge_by(posted, rules), rules.answer_within.value, rules)


def kallelse_unanswered(posted: datetime, rules: Profile) -> datetime:
    """Return when a kallelse without answer is missed: at the slot after the one of its acknowledgement (process 3.0.7)."""
    return answer_due(posted, rules)


def follow_up_missed(day: date) -> datetime:
    """Return when a follow-up that is not recorded is missed: 23:59 of its date (process 3.0.7)."""
    return wall(day, LAST_MINUTE)


def warn_at(created: datetime, deadline: datetime, hours: Hours, rules: Profile) -> datetime | None:
    """Return when the responsible unit is mentioned before a deadline (ladder step 2), None when the digest does it.

    That is 24 h before, or 2 h before when no more than 24 h remained at creation: a warning in the moment of creation would
    warn of what was just said. Where the unit may not be rung then, it is the last slot before that and after creation.
    """
    created, deadline = created.astimezone(UTC), deadline.astimezone(UTC)
    lead = rules.warning_lead.length
    if deadline - created <= lead:
        lead = rules.warning_lead_short.length
    moment = deadline - lead
    while moment > created and not may_ring(moment, hours, rules.staffed):
        moment = slot_before(moment, rules.staffed)
    return moment if moment > created else None


def chief_at(missed: datetime, rules: Profile) -> datetime:
    """Return when the enhetschef is told (ladder step 4): at the first slot strictly after the moment of missing."""
    return _slots_after(missed, rules.chief_after.value, rules)


def closing_answer_due(proposed: datetime, rules: Profile) -> datetime:
    """Return until when actors may answer a proposal to close: 23:59 of the fifth working day after it (process 3.1)."""
    return wall(add_working_days(local(proposed).date(), rules.closing_silence.value, rules.staffed), LAST_MINUTE)


def meeting_day_before(starts: datetime, rules: Profile) -> datetime:
    """Return the reminder of the day before a meeting: 14:00 on the last working day before it (process 3.0.7)."""
    day = add_working_days(local(starts).date(), -rules.meeting_day_before.value, rules.staffed)
    return wall(day, AFTERNOON)


def meeting_just_before(starts: datetime, rules: Profile) -> datetime:
    """Return the last reminder of a meeting, an hour before it; it rings whom it concerns only `within_hours`."""
    return starts.astimezone(UTC) - rules.meeting_just_before.length


def follow_up_reminders(day: date, rules: Profile) -> tuple[datetime, ...]:
    """Return the reminders of a follow-up date in order, each at 08:00: ten and two working days before, and on the day (D14).

    For a date that is not a working day the last one comes on the working day before it.
    """
    on_the_day = day if is_working_day(day, rules.staffed) else previous_working_day(day, rules.staffed)
    early, late = (add_working_days(day, -figure.value, rules.staffed) for figure in (rules.follow_up_early, rules.follow_up_late))
    return tuple(wall(each, MORNING) for each in (early, late, on_the_day))


def _slots_after(instant: datetime, n: int, rules: Profile) -> datetime:
    for _ in range(n):
        instant = slot_after(instant, rules.staffed)
    return instant
