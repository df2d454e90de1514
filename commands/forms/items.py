"""The item of a list that was misread: what an offer stands for, while the rest of the list is kept."""

from commands.reading import Misread


def around(typed: str, misread: Misread) -> tuple[str, ...]:
    """Return what stands in a list before and after the item that was misread; nothing where its end is not clear."""
    query = str(misread.values.get("query", ""))
    begin, end = misread.at, misread.at + len(query)
    clear = query and begin >= 0 and typed[begin:end] == query and not typed[end : end + 1].isalnum()
    return (typed[:begin], typed[end:]) if clear else ()
