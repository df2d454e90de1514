"""Reads a message slowly: every split of its words among the arguments is tried. Nothing of `commands.reading` is used here."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise, takewhile

from care.effects import PlaceKind
from commands.declare import WHEN, Command, Kind, Parameter
from commands.folding import distance, squeeze
from tests.commands.oracle import names
from tests.commands.oracle.clocks import CLOCKS
from tests.commands.oracle.moments import ends_like_a_date, lookup
from tests.commands.oracle.pieces import Piece, pieces, unended
from tests.commands.oracle.things import one, units_called
from tests.commands.oracle.verdict import Verdict, Wrong

ALSO = re.compile(r"och|and|samt|&|\+")
EVERYTHING = {"alla", "allt", "all", "✅"}
LONGEST = 4
"""Words in the longest value that is no text and no date."""


def read(message: str, place: PlaceKind) -> Verdict:
    """Return what is meant by a message that is typed in a room."""
    at = names.prefixed(message, place)
    if at is None:
        slip = names.slipped(message)
        return Verdict() if slip is None else Verdict(reasons=frozenset({"loose_prefix"}), where=(slip, len(message)))
    words = names.words_of(message, at)
    try:
        command, count = names.named(words, place)
        values = _Arguments(command, place, pieces(message, words[count - 1].end), message).values()
    except Wrong as wrong:
        return Verdict(reasons=wrong.reasons, where=wrong.where)
    missing = tuple(p.name for p in command.parameters if p.required and p.name not in values)
    return Verdict(command.name, values, missing)


class _Arguments:
    """The pieces after a command's name, and what they can be."""

    def __init__(self, command: Command, place: PlaceKind, found: list[Piece], message: str) -> None:
        self.command, self.place, self.message = command, place, message
        self.loose: list[Piece] = []
        self.given: list[tuple[Parameter, list[Piece]]] = []
        self.wrongs = unended(found)
        self._no_second_command(found)
        self._sort(found)

    def values(self) -> dict[str, object]:
        """Return what was given, by name and by place."""
        named: dict[str, object] = {}
        for parameter, run in self.given:
            with self._noting():
                named[parameter.name] = self._named(parameter, run)
        names_given = {parameter.name for parameter, _ in self.given}
        with self._noting():
            named |= self._placed([p for p in self.command.positional if p.name not in names_given], self.loose, names_given)
        if self.wrongs:
            where = min(wrong.where[0] for wrong in self.wrongs), max(wrong.where[1] for wrong in self.wrongs)
            raise Wrong(frozenset(reason for wrong in self.wrongs for reason in wrong.reasons), where)
        return named

    @contextmanager
    def _noting(self) -> Generator[None]:
        """Note what is wrong with one argument: which of two wrong ones is told, is left to the reader."""
        try:
            yield
        except Wrong as wrong:
            self.wrongs.append(wrong)

    def _no_second_command(self, found: list[Piece]) -> None:
        first = self.command.positional[:1]
        may_name_one = bool(first and first[0].rest and not first[0].required and found and "\n" not in self.message[: found[0].start])
        for piece in found[1 if may_name_one else 0 :]:
            said = re.fullmatch(r"[!/](\w+)", piece.text.rstrip(".,:"))
            if said and not piece.quoted and not piece.name and squeeze(said[1]) in names.NOUNS:
                raise Wrong("two_commands", (piece.start, piece.end))

    def _sort(self, found: list[Piece]) -> None:
        """Give each named argument what follows its equals sign: a quotation alone, else all until the next name."""
        run = self.loose
        for piece in found:
            if parameter := self._parameter(piece):
                if any(parameter is other for other, _ in self.given):
                    self.wrongs.append(Wrong("given_twice", (piece.start, piece.end)))
                run = [piece]
                self.given.append((parameter, run))
                if piece.quoted and not (parameter.many and self.message[piece.end : piece.end + 1] == ","):
                    run = self.loose
            else:
                if piece.quoted and run is not self.loose and self.given[-1][0].kind in WHEN:
                    self._no_second_date(self.given[-1][0], run[0], piece)
                    run = self.loose
                run.append(self._word(piece))

    def _no_second_date(self, parameter: Parameter, named: Piece, quoted: Piece) -> None:
        """Note a quoted date behind a named one: it could go on from it. From an hour only another hour could."""
        said = quoted.text.lower()
        found = lookup(said)
        hour = any(" ".join(said.split()[:count]) in CLOCKS for count in range(1, LONGEST))
        if hour if parameter.kind is Kind.CLOCK else found.days or found.hours:
            self.wrongs.append(Wrong("not_a_date not_a_time words_after_date", (named.start, quoted.end)))

    def _parameter(self, piece: Piece) -> Parameter | None:
        """Return the argument that a piece names; raise Wrong for a name that is nearly one, or that nothing can hold."""
        if colon := re.match(r"(?:--)?(\w+):\S|--(\w+)$", piece.text):
            said = squeeze(colon[1] or colon[2])
            if not piece.quoted and not piece.name and said in self.command.named:
                raise Wrong("name_without_equals", (piece.start, piece.end))
        if not piece.name:
            return None
        said = squeeze(piece.name)
        if said in self.command.named:
            return self.command.named[said]
        near = any(len(known) >= 4 and distance(said, known) <= 2 for known in self.command.named)
        if near or not any(p.rest for p in self.command.parameters):
            raise Wrong("unknown_name", (piece.start, piece.end))
        return None

    def _word(self, piece: Piece) -> Piece:
        """Return the piece, as it was typed where what stands before its equals sign is no name."""
        return replace(piece, text=self.message[piece.start : piece.end], name="", quoted=False) if piece.name else piece

    def _named(self, parameter: Parameter, run: list[Piece]) -> object:
        """Return a named value; what it does not need goes back to the loose words, but for a date, which must be all of it."""
        where = (run[0].start, run[-1].end)
        if not "".join(piece.text for piece in run).strip(" ,"):
            raise Wrong("empty_value", where)
        if parameter.kind is Kind.TEXT and not parameter.many:
            return self._text(run)
        if parameter.many:
            return self._list(parameter, run)
        if parameter.kind in WHEN:
            return one(parameter, run, self.place)
        value, used = self._longest(parameter, run)
        self.loose += run[used:]
        return value

    def _text(self, run: list[Piece]) -> str:
        """Return the text as it was typed, or what one quotation holds."""
        if len(run) == 1:
            return run[0].text
        begins = run[0].end - len(run[0].text) if run[0].name and not run[0].quoted else run[0].start
        said = self.message[begins : run[0].end]
        for before, piece in pairwise(run):
            between = self.message[before.end : piece.start]
            said += (" " if between.strip() else between) + self.message[piece.start : piece.end]
        return said

    def _longest(self, parameter: Parameter, run: list[Piece]) -> tuple[object, int]:
        """Return the value of the most words that have one, and how many they are; raise what is wrong with the first."""
        wrongs: list[Wrong] = []
        joined = takewhile(lambda pair: not pair[0].quoted and not pair[1].quoted, pairwise(run[:LONGEST]))
        for count in range(1 + len(list(joined)), 0, -1):
            try:
                value = one(parameter, run[:count], self.place)
            except Wrong as wrong:
                wrongs.append(wrong)
            else:
                self._only_one(parameter, run, count)
                return value, count
        if run[0].quoted and " " in run[0].text:
            wrongs[-1] = Wrong(wrongs[-1].reasons | {"trailing_text"}, wrongs[-1].where)
        telling = next((wrong for wrong in wrongs if "unit_unknown" not in wrong.reasons), wrongs[-1])
        raise Wrong(telling.reasons, (run[0].start, run[-1].end))

    def _only_one(self, parameter: Parameter, run: list[Piece], count: int) -> None:
        """Raise where a second unit is named after a word or a comma that joins them."""
        rest = run[count:]
        joined = rest and (ALSO.fullmatch(rest[0].text) or run[count - 1].text.endswith(","))
        after = rest[1:] if joined and ALSO.fullmatch(rest[0].text) else rest
        if parameter.kind is Kind.UNIT and joined and after and units_called(after[0].text):
            raise Wrong("several_units", (run[0].start, run[-1].end))

    def _list(self, parameter: Parameter, run: list[Piece]) -> object:
        """Return all values of a list, between commas and words that join."""
        items: list[list[Piece]] = [[]]
        for piece in run:
            for text in re.split(r"(,)", piece.text):
                if text == "," or (ALSO.fullmatch(text) and parameter.kind is not Kind.TEXT):
                    items.append([])
                elif text:
                    items[-1].append(Piece(text, piece.start, piece.end))
        cut = [item for item in items if item]
        if parameter.kind in {Kind.OBJECT, Kind.NUMBER}:
            return self._numbers(parameter, [[piece] for item in cut for piece in item])
        return tuple(dict.fromkeys(self._item(parameter, item) for item in cut))

    def _item(self, parameter: Parameter, item: list[Piece]) -> object:
        """Return the value of all words of an item; where they have none together, the first may be what is told."""
        try:
            return one(parameter, item, self.place)
        except Wrong as wrong:
            reasons = {reason for count in range(1, len(item)) for reason in self._reasons(parameter, item[:count])}
            raise Wrong(wrong.reasons | reasons, wrong.where) from wrong

    def _reasons(self, parameter: Parameter, item: list[Piece]) -> frozenset[str]:
        try:
            one(parameter, item, self.place)
        except Wrong as wrong:
            return wrong.reasons
        return frozenset()

    def _numbers(self, parameter: Parameter, items: list[list[Piece]]) -> object:
        if len(items) == 1 and items[0][0].text.lower() in EVERYTHING:
            return ()
        return tuple(dict.fromkeys(value for item in items for value in self._ranged(parameter, item)))

    def _ranged(self, parameter: Parameter, item: list[Piece]) -> Iterator[object]:
        found = re.fullmatch(r"([A-Z]?)(\d+)[-–]\1(\d+)", item[0].text.upper())
        if not found or int(found[2]) > int(found[3]):
            yield one(parameter, item, self.place)
            return
        for number in range(int(found[2]), int(found[3]) + 1):
            yield number if parameter.kind is Kind.NUMBER else f"{found[1]}{number}"

    def _placed(self, parameters: list[Parameter], run: list[Piece], given: set[str]) -> dict[str, object]:
        """Return the values of the loose words, each argument the longest that it can take."""
        if not run:
            return {}
        if not parameters:
            raise Wrong("trailing_text", (run[0].start, run[-1].end))
        parameter, rest = parameters[0], parameters[1:]
        if parameter.rest:
            return self._resting(parameter, run, given)
        if parameter.many:
            return {parameter.name: self._list(parameter, run)}
        if parameter.kind in WHEN:
            return {parameter.name: one(parameter, run, self.place)}
        try:
            value, used = self._longest(parameter, run)
        except Wrong:
            if parameter.required:
                raise
            return self._passed_over(parameter, rest, run, given)
        return {parameter.name: value} | self._placed(rest, run[used:], given)

    def _passed_over(self, parameter: Parameter, rest: list[Parameter], run: list[Piece], given: set[str]) -> dict[str, object]:
        """Return what the other arguments make of the words; where none can hold them, the one that was passed over is wrong."""
        if not rest and not parameter.arg.page:
            return {parameter.name: self._longest(parameter, run)[0]}
        return self._placed(rest, run, given)

    def _resting(self, parameter: Parameter, run: list[Piece], given: set[str]) -> dict[str, object]:
        """Return the text; a date behind a quoted one is the command's own, and behind one that is not quoted it is asked about."""
        own = next((p for p in self.command.parameters if p.named_only and p.kind in WHEN and p.name not in given), None)
        if own and run[0].quoted and len(run) > 1:
            try:
                return {parameter.name: run[0].text, own.name: one(own, run[1:], self.place)}
            except Wrong as wrong:
                if "not_a_date" not in wrong.reasons:
                    raise
        if own and not run[-1].quoted and ends_like_a_date([piece.text for piece in run]):
            raise Wrong("date_or_text", (run[0].start, run[-1].end))
        return {parameter.name: self._text(run)}
