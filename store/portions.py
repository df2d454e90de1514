"""Long lists in statements, a portion at a time: a statement has room for some 32 000 values on both databases, an outage for more.

The portions belong to one transaction, so that all of them happen or none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, insert

from store.database import Transaction

AT_ONCE = 500
"""Values in one statement."""

T = TypeVar("T")


def portions(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """Yield the values in their order, a portion at a time."""
    every = tuple(values)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def asked(query: Select[*tuple[Any, ...]], column: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Build, once, the query for the rows in which a column holds one of the values that `answered` will give."""
    return query.where(column.in_(bindparam("some", expanding=True)))


async def answered(tx: Transaction, query: Select[*tuple[Any, ...]], values: Iterable[object]) -> tuple[Row[Any], ...]:
    """Return the rows of a query made by `asked`; an order of the query's own holds within a portion only."""
    found: list[Row[Any]] = []
    for some in portions(dict.fromkeys(values)):
        found += (await tx.execute(query, {"some": some})).all()
    return tuple(found)


async def among(
    tx: Transaction, query: Select[*tuple[Any, ...]], column: ColumnElement[Any], values: Iterable[object]
) -> tuple[Row[Any], ...]:
    """Return the rows of a query in which a column holds one of the values; an order of the query's own holds within a portion only."""
    return await answered(tx, asked(query, column), values)


async def fill(tx: Transaction, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert rows, all with the same columns. Between two portions it can be cancelled; PostgreSQL's driver cannot within one."""
    for some in portions(rows):
        await tx.execute(insert(table), list(some))
