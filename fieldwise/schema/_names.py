"""What the name of a column says about its values."""

import re

__all__ = ["is_clock_name", "is_identifier_name", "is_split_name", "is_weight_name"]

_IDENTIFIER_WORDS = """
id ids uid code type hash key ip url sku asin user member customer client visitor
session device item movie book song track artist video product ad ads adgroup campaign
creative advertiser publisher site app page domain category categories cat cate brand
shop store merchant seller city country region state zip zipcode postcode airport
carrier tail flight
"""
_IDENTIFIERS = frozenset(_IDENTIFIER_WORDS.split())

_CLOCK_WORDS = """
time timestamp ts datetime unixtime epoch date day dt hour at created updated
"""
_CLOCKS = frozenset(_CLOCK_WORDS.split())

_NUMBERINGS = frozenset(("no", "nr", "num", "number"))
"""Last words that make a name of the word before: flight_number, but not age_number."""

_COUNTING_WORDS = "n num number nb count total sum avg mean min max"
_COUNTINGS = frozenset(_COUNTING_WORDS.split())
"""First words that make a quantity of any name: num_users, count_of_items."""

_SPLITS = frozenset(("split", "fold", "partition", "set", "subset"))

_WEIGHTS = frozenset(("weight", "sample_weight", "instance_weight"))


def _words(name: str) -> list[str]:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [word.lower() for word in words]


def is_identifier_name(name: str) -> bool:
    """Whether values of this name are names themselves, even if they are integers.

    The last word decides, as in English: an ``item_id`` is an id, an ``item_price``
    is a price.

    Examples:
        >>> [is_identifier_name(x) for x in ("movieId", "userid", "item_price", "C14")]
        [True, True, False, True]

    Args:
        name: column name.

    Returns:
        True for a name like an identifier.
    """
    # C1 to C26 are the categorical columns of public click logs.
    if re.fullmatch(r"C\d+", name):
        return True
    words = _words(name)
    if not words or words[0] in _COUNTINGS:
        return False
    if words[-1] in _NUMBERINGS and len(words) > 1:
        words.pop()
    head = words[-1]
    return head in _IDENTIFIERS or (
        head.endswith("id") and head.removesuffix("id") in _IDENTIFIERS
    )


def is_clock_name(name: str) -> bool:
    """Whether values of this name may be points in time.

    Examples:
        >>> [is_clock_name(x) for x in ("event_time", "createdAt", "unixtime", "age")]
        [True, True, True, False]

    Args:
        name: column name.

    Returns:
        True for a name like a clock.
    """
    words = _words(name)
    return any(word in _CLOCKS or word.endswith(("time", "stamp")) for word in words)


def is_split_name(name: str) -> bool:
    """Whether values of this name may say which part of a split a row is in.

    Args:
        name: column name.

    Returns:
        True for a name like ``split``.
    """
    return name.lower() in _SPLITS


def is_weight_name(name: str) -> bool:
    """Whether values of this name may say how much a row counts.

    Args:
        name: column name.

    Returns:
        True for a name like ``sample_weight``.
    """
    return name.lower() in _WEIGHTS
