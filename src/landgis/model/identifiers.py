"""Ids for what is made of parcels: stable, short, and without letters that are mistaken for digits."""

from __future__ import annotations

from base64 import b32hexencode
from collections import Counter
from hashlib import blake2s
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGEST_BYTES = 10  # 16 letters of 5 bits
SHORT = 8  # letters; among 20 000 ids two agree once in 5 000 times and then get all 16
CROCKFORD = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUV", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def short_ids(names: Sequence[str], *, prefix: str) -> list[str]:
    """Make an id from each name alone, so that it does not change when others do.

    Parameters
    ----------
    names : sequence of str
        Distinct names, such as the smallest parcel id of each cluster.
    prefix : str
        What the ids begin with.

    Returns
    -------
    list of str
        Prefix and 8 letters of Crockford's base 32; 16 where 8 agree with another's.

    Examples
    --------
    >>> short_ids(["450721-0001", "450721-0002"], prefix="LP-")
    ['LP-NE1T7642', 'LP-ZTPZ1VS5']
    """
    digests = (blake2s(name.encode(), digest_size=DIGEST_BYTES).digest() for name in names)
    full = [b32hexencode(digest).decode().translate(CROCKFORD) for digest in digests]
    met = Counter(text[:SHORT] for text in full)
    return [prefix + (text if met[text[:SHORT]] > 1 else text[:SHORT]) for text in full]
