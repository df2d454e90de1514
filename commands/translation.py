"""How answers show the commands to people who read English: by their English names, words, questions and examples.

Only what is shown changes: a form, the journal and the reader keep the Swedish command, and the reader knows both. What a template compares
stays as it is too; the words of enumerations are said by the template itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from care.language import Language
from commands.catalogue import COMMANDS
from commands.declare import Command, Parameter
from commands.help import HOW, NextStep, SheetLine
from commands.reading import Misread
from texts.languages import Phrase, said, term

Values = Mapping[str, object]
Translate = Callable[[object, Values], object]


def _word(text: str) -> str:
    return said(text, Language.EN)


def english(command: Command) -> Command:
    """Return a command as it is shown in English; raise KeyError for a text of it that has no English."""
    noun, verb = command.en
    return replace(
        command,
        noun=noun,
        verb=verb,
        says=_word(command.says),
        examples=tuple(map(_word, command.examples)),
        parameters=tuple(map(_parameter, command.parameters)),
    )


def _parameter(parameter: Parameter) -> Parameter:
    arg = parameter.arg
    shown = replace(arg, sv=arg.en or parameter.word, ask=_word(arg.ask), why=_word(arg.why), example=_word(arg.example))
    return replace(parameter, arg=shown, choices=MappingProxyType({_word(word): value for word, value in parameter.choices.items()}))


NAMES: Mapping[str, str] = MappingProxyType({command.name: english(command).name for command in COMMANDS})
"""The English name of each command; made at once, so that a text without English stops the start."""
NOUNS: Mapping[str, str] = MappingProxyType({command.noun: command.en[0] for command in COMMANDS})


def in_language(template: str, values: Values, language: Language) -> Values:
    """Return the values of a message as they are shown in a language; raise KeyError for a text of ours that has no English."""
    if language is Language.SV:
        return values
    return {name: _shown(template, name, value, values) for name, value in values.items()}


def _shown(template: str, name: str, value: object, values: Values) -> object:
    noun = template.partition("/")[0]
    translate = WORDS.get((template, name)) or WORDS.get((noun, name))
    return translate(value, values) if translate else _declared(value)


def _declared(value: object) -> object:
    """Return what belongs to the declarations as it is shown; anything else as it is: a term of the glossary has both languages."""
    match value:
        case Command():
            return english(value)
        case Parameter():
            return _parameter(value)
        case Misread():
            return _misread(value)
        case tuple():
            return tuple(_declared(each) for each in cast("tuple[object, ...]", value))
        case _:
            return _looked_up(value)


def _looked_up(value: object) -> object:
    match value:
        case NextStep():
            typed = _word(HOW[value.expected.matter]).format(value.expected.object) if value.typed else ""
            return replace(value, typed=typed)
        case SheetLine():
            return replace(value, command=NAMES[value.command])
        case _:
            return value


def _misread(misread: Misread) -> Misread:
    """Return a misread as it is shown; what was expected stays a phrase, because templates compare it."""
    arguments = _arguments(misread)
    expected = arguments.get(misread.expected) or Phrase(misread.expected)
    nearest = english(misread.nearest) if misread.nearest else None
    return replace(misread, nearest=nearest, expected=expected, example=_word(misread.example))


def _arguments(misread: object) -> Mapping[str, str]:
    """Return the English names of the arguments of the command that was meant."""
    nearest = misread.nearest if isinstance(misread, Misread) else None
    return {p.word: p.arg.en or p.word for p in nearest.parameters} if nearest else {}


def _each(names: Mapping[str, str]) -> Translate:
    """Return what shows names one by one; one that is not among them was typed by a person, and stays."""
    return lambda value, _: tuple(names.get(each, each) for each in cast("tuple[str, ...]", value))


def _argument(value: object, values: Values) -> object:
    return _arguments(values["misread"]).get(cast("str", value), value)


def _unread(value: object, values: Values) -> object:
    """Return the command or the argument at which a line was forgotten."""
    command = cast("Command", values["command"])
    return NAMES.get(cast("str", value)) or {p.word: p.arg.en or p.word for p in command.parameters}.get(cast("str", value), value)


def _argument_names(value: object, values: Values) -> object:
    """Return names of arguments as they are shown, with the equals sign where they have one."""
    known = _arguments(values["misread"])
    parted = [(each, each.removesuffix("=")) for each in cast("tuple[str, ...]", value)]
    return tuple(known.get(word, word) + each.removeprefix(word) for each, word in parted)


def _quoted_dates(value: object, values: Values) -> object:
    """Return whole arguments with a quoted date as they are shown: what stands before the name was typed by a person, and stays."""
    name = cast("str", values["name"])
    shown = _arguments(values["misread"]).get(name, name)
    return tuple(each.replace(f'{name}="', f'{shown}="') for each in cast("tuple[str, ...]", value))


WORDS: Mapping[tuple[str, str], Translate] = MappingProxyType(
    {
        ("help/here", "others"): _each(NOUNS),
        ("form/question", "unread"): _unread,
        ("directory/no_term", "near"): lambda value, _: tuple(term(word, Language.EN) for word in cast("tuple[str, ...]", value)),
        ("form/summary", "holiday"): lambda value, _: _word(cast("str", value)),
        ("misread/holiday", "holiday"): lambda value, _: _word(cast("str", value)),
        ("misread", "name"): _argument,
        ("misread/ambiguous_verb", "candidates"): _each(NAMES),
        ("misread/verb_missing", "candidates"): _each(NAMES),
        ("misread/unknown_verb", "candidates"): _each(NAMES),
        ("misread/unknown_name", "candidates"): _argument_names,
        ("misread/trailing_text", "candidates"): _argument_names,
        ("misread/unknown_command", "candidates"): _each(NAMES),
        ("misread/date_or_text", "candidates"): _quoted_dates,
        ("misread/date_or_text", "dates"): _quoted_dates,
        ("misread/words_after_date", "candidates"): _quoted_dates,
        ("misread/wrong_choice", "candidates"): lambda value, _: tuple(dict.fromkeys(map(_word, cast("tuple[str, ...]", value)))),
    }
)
"""What else among the values is a word of ours, by template or its folder, and name."""
