"""What a form says while it waits for an answer: the question, what was wrong with the last answer, and help about the question."""

from dataclasses import replace

from commands.declare import Parameter
from commands.forms.choosing import Choice, candidates, choices, keycaps, offered, without_offers
from commands.forms.course import Course, keep, key_here, say_in
from commands.reading import Misread, Reason, caret
from commands.serve import acting, case_here
from commands.veil import hidden, veiled


async def ask(course: Course, parameter: Parameter, *, note: str = "", unread: str = "") -> None:
    """Ask for an argument; `note` is `needed` where it cannot be skipped, `first` where nothing lies before it, `empty` after no answer."""
    course = course.at(replace(course.form, whole=False, around=()))
    await _question(course, parameter, await _choices(course, parameter), "form/question", note=note, unread=unread, brief=False)


async def ask_again(course: Course, parameter: Parameter, misread: Misread, given: str) -> None:
    """Say what was not understood of an answer, and ask again; what may be meant instead becomes the choices."""
    directory = course.session.directory
    if course.form.whole:
        shown: tuple[Choice, ...] = tuple(Choice(veiled(each), each) for each in candidates(misread))
    else:
        shown = offered(misread, parameter, directory, item=bool(course.form.around))
    course = course.at(replace(course.form, around=course.form.around if shown else ()))
    values = without_offers(misread) if shown or misread.reason is Reason.WRONG_CHOICE else misread.values
    misread = replace(misread, example="")
    shown = shown or await _choices(course, parameter)
    told = {"misread": misread, "reason": f"{misread.reason}.md.j2", "caret": caret(veiled(given), misread.at), **hidden(values)}
    told["kept"] = veiled(" ".join(" ".join(course.form.around).split())).strip(", ")
    await _question(course, parameter, shown, "form/again", brief=True, **told)


async def explain(course: Course) -> None:
    """Tell that a form is open, what it asks, and how it is answered, left, or gone back in."""
    parameter = course.command.parameter(course.form.asking)
    shown = await _choices(course, parameter)
    values = _values(course, parameter, tuple(choice for choice in shown if choice.typed in course.form.shown))
    await say_in(course, "form/help", {**values, "expires": course.dialogue.expires, "brief": False})


async def _question(course: Course, parameter: Parameter, shown: tuple[Choice, ...], template: str, **values: object) -> None:
    """Keep the question as the newest one, and say it with what can be tapped."""
    caps = keycaps(course.command, parameter, shown, item=bool(course.form.around))
    asked, typed = key_here(course) if caps else "", tuple(choice.typed for choice in shown)
    course = course.at(replace(course.form, asking=parameter.name, shown=typed, word="", asked=asked))
    await keep(course)
    await say_in(course, template, {**_values(course, parameter, shown), **values}, reactions=caps)


def _values(course: Course, parameter: Parameter, shown: tuple[Choice, ...]) -> dict[str, object]:
    first, optional = not course.form.answers, not parameter.required
    values: dict[str, object] = {"command": course.command, "parameter": parameter, "choices": shown, "optional": optional, "first": first}
    return values | {"whole": course.form.whole}


async def _choices(course: Course, parameter: Parameter) -> tuple[Choice, ...]:
    session = course.session
    case = await case_here(session)
    return choices(parameter, case, acting(session, case) if case else (), session.directory, session.language)
