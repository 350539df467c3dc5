"""Where the world models of two domains say what cannot both be true: a pure function.

Not every difference is a contradiction; `find_contradictions` says which ones count, and `claims`
when two values exclude each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product, starmap
from typing import Any, Final, NamedTuple, TypeAlias

from storage.claims import contradict, denies, folded, is_compared, says_something
from storage.diff_records import FieldChange
from storage.json_utils import CorruptJSON
from storage.world_keys import (
    EntityKey,
    Entry,
    RelationKey,
    fingerprint,
    index_entities,
    index_relations,
)

# Where agents put the fields of an entity that are not the same for all.
_WRAPPERS: Final = frozenset({"properties", "attributes", "props"})
_DENYING_FLAGS: Final = ("negated", "denied", "is_negated")
_ASSERTING_FLAGS: Final = ("is_active", "active", "valid", "is_valid", "exists")
_FILLERS: Final = frozenset({"do", "does", "did", "is", "are", "was", "has", "have", "longer"})
_NUMBERED: Final = re.compile(r"[a-z]{0,8}[ _\-]?\d+", re.ASCII | re.IGNORECASE)
_DENIALS: Final = frozenset({"not", "no", "never", "cannot"})


@dataclass(frozen=True, slots=True)
class Claim:
    """What one domain says.

    Attributes:
        domain: The domain.
        key: Under which the entity or relation is known there.
        keys: The way to the field, from the outermost key inwards; empty for a relation as such.
        value: What is said, as it stands there.
        state_id: `id` of the state that says it, or None.
    """

    domain: str
    key: EntityKey | RelationKey
    keys: tuple[str, ...]
    value: Any = field(repr=False)
    state_id: Any = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One field of an entity or a relation, or a relation as such, that domains disagree on.

    Attributes:
        key: The entity (a text) or the relation (source, type, target), as the first domain has it.
        keys: The way to the field in the first domain; empty where a relation as such is denied.
        claims: What each domain says, one claim a domain, by domain; always two or more.
    """

    key: EntityKey | RelationKey
    keys: tuple[str, ...]
    claims: tuple[Claim, ...]

    @property
    def path(self) -> str:
        """The keys joined by dots, as `FieldChange.path` has them."""
        return FieldChange(self.keys, None, None).path

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that disagree, by name."""
        return tuple(claim.domain for claim in self.claims)

    @property
    def values(self) -> tuple[Any, ...]:
        """What they say, in the order of the domains."""
        return tuple(claim.value for claim in self.claims)


def find_contradictions(states: Iterable[Any]) -> list[Contradiction]:
    """Find what one domain says and another denies, as `get_active_world_models` gives the states.

    Entities of two domains are the same where one's key or `name` is the other's, whatever the
    case; but `e1` of two domains is not, where the names differ: many agents number the entities
    of each domain from one. Of such an entity the fields that both domains fill are
    compared, at any depth, with `properties` and the like opened. Not compared:

    - what only one domain says: a domain knows a part of the world, and silence denies nothing;
    - what says that nobody knows, such as `unknown` or `n/a`, which is no more than silence;
    - confidences, scores, times of learning, evidence, counters: they are about the belief;
    - notes, observations, descriptions, tags and any longer text: every domain words its own;
    - types and names: each domain has its own vocabulary;
    - lists of several things, of which each domain may know some.

    Relations are compared likewise where source, type and target agree; and a relation as such is
    contradicted by its negation: `does_not_use` against `uses`, or a flag such as `negated`.

    Several states of one domain (one a session) speak together: a domain contradicts another only
    if none of its values goes with any of the other's. States that are not active, domains without
    a name and what is corrupt are passed over. Never raises. 10,000 entities of three fields in
    ten domains take about a second.

    Args:
        states: Decoded states; of several of a domain, the first counts as its word.

    Returns:
        Contradictions of entities, then of relations, each by key and path.

    >>> infra = {"domain": "infra", "entities": [{"id": "orders-db", "engine": "postgres"}]}
    >>> orders = {"domain": "orders", "entities": {"orders-db": {"engine": "mysql"}}}
    >>> for found in find_contradictions([infra, orders]):
    ...     print(found.key, found.path, found.domains, found.values)
    orders-db engine ('infra', 'orders') ('postgres', 'mysql')
    """
    read = [state for state in states if _is_read(state)]
    entities = _grouped(_entity_claims(read))
    relations = _grouped(_relation_claims(read))
    return [*_disagreements(entities), *_disagreements(relations)]


def _is_read(state: Any) -> bool:
    if not isinstance(state, Mapping) or isinstance(state, CorruptJSON):
        return False
    domain = state.get("domain")
    return isinstance(domain, str) and bool(domain) and state.get("is_active") not in (False, 0)


_Subject: TypeAlias = tuple[str, ...]


class _Told(NamedTuple):
    """A claim: what has to be equal for another to be about the same, and what it has to exclude.

    Attributes:
        subject: The thing and the field, in plain spelling.
        claim: The claim.
        name: Name of the thing, where its key alone does not say which one it is.
        denial: Whether a relation as such is denied; None where the claim is a field's value.
    """

    subject: _Subject
    claim: Claim
    name: str = ""
    denial: bool | None = None


def _grouped(told: Iterable[_Told]) -> Iterator[list[_Told]]:
    groups: dict[_Subject, list[_Told]] = {}
    for each in told:
        groups.setdefault(each.subject, []).append(each)
    for group in groups.values():
        if len({each.claim.domain for each in group}) > 1:
            yield group


def _disagreements(groups: Iterable[list[_Told]]) -> list[Contradiction]:
    found: dict[tuple[Any, ...], Contradiction] = {}
    for group in groups:
        if claims := _excluding(group):
            # Found by key and by name, it is still one contradiction.
            mark = tuple((claim.domain, claim.key, claim.keys) for claim in claims)
            found.setdefault(mark, Contradiction(claims[0].key, claims[0].keys, claims))
    return sorted(found.values(), key=lambda each: (_sortable(each.key), each.keys))


def _excluding(group: list[_Told]) -> tuple[Claim, ...]:
    """The claims of the domains that exclude, or are excluded by, what another domain says."""
    by_domain: dict[str, dict[Any, _Told]] = {}
    for each in group:
        # Of a hundred sessions that say the same, one is enough.
        same = (each.name, each.denial, each.denial is None and fingerprint(each.claim.value))
        by_domain.setdefault(each.claim.domain, {}).setdefault(same, each)
    if len({same for words in by_domain.values() for same in words}) == 1:
        return ()
    disagree: set[str] = set()
    for (one, ours), (other, theirs) in combinations(by_domain.items(), 2):
        pairs = product(ours.values(), theirs.values())
        if not {one, other} <= disagree and all(starmap(_is_denied, pairs)):
            disagree |= {one, other}
    return tuple(next(iter(by_domain[domain].values())).claim for domain in sorted(disagree))


def _sortable(key: EntityKey | RelationKey) -> tuple[str, ...]:
    return key if isinstance(key, tuple) else (key,)


def _is_denied(one: _Told, other: _Told) -> bool:
    if one.name and other.name and contradict(one.name, other.name):
        return False
    if one.denial is not None:
        return one.denial != other.denial
    return contradict(one.claim.value, other.claim.value)


def _entity_claims(states: Iterable[Mapping[str, Any]]) -> Iterator[_Told]:
    for state in states:
        for key, entry in index_entities(state.get("entities")).items():
            if not isinstance(entry.shown, Mapping) or not (entry.identity or entry.label):
                continue
            name = entry.shown.get("name")
            name = folded(name) if isinstance(name, str) else ""
            told_apart = name if _NUMBERED.fullmatch(key) else ""
            claims = list(_field_claims(state, key, entry))
            for alias in {folded(key), name} - {""}:
                for path, claim in claims:
                    yield _Told((alias, *path), claim, told_apart)


def _relation_claims(states: Iterable[Mapping[str, Any]]) -> Iterator[_Told]:
    for state in states:
        for key, entry in index_relations(state.get("relations")).items():
            source, kind, target = key
            if not (source and target and kind):
                continue
            plain, is_negation = _affirmed(kind)
            is_denial = is_negation != _is_flagged(entry.shown)
            subject = (folded(source), plain, folded(target))
            claim = Claim(str(state["domain"]), key, (), entry.value, state.get("id"))
            yield _Told(subject, claim, denial=is_denial)
            if not is_denial:
                for path, told in _field_claims(state, key, entry):
                    yield _Told((*subject, *path), told)


def _affirmed(kind: str) -> tuple[str, bool]:
    """The type of a relation without its negation, and whether there was one.

    >>> _affirmed("does_not_use"), _affirmed("uses")
    (('use', True), ('use', False))
    """
    words = folded(kind).split()
    if not denies(folded(kind)):
        return " ".join(word.removesuffix("s") for word in words), False
    left = [word for word in words if word not in _DENIALS | _FILLERS]
    return " ".join(word.removesuffix("s") for word in left), True


def _is_flagged(relation: Any) -> bool:
    """Whether a relation says of itself that it does not hold."""
    if not isinstance(relation, Mapping):
        return False
    return any(relation.get(name) in (True, 1) for name in _DENYING_FLAGS) or any(
        relation.get(name) is False for name in _ASSERTING_FLAGS
    )


def _field_claims(
    state: Mapping[str, Any], key: EntityKey | RelationKey, entry: Entry
) -> Iterator[tuple[_Subject, Claim]]:
    """The fields that are compared: the way to each in plain spelling, and what is said."""
    todo: list[tuple[tuple[str, ...], Any]] = [((), entry.body())]
    while todo:
        way, value = todo.pop()
        if isinstance(value, Mapping):
            todo.extend(
                ((*way, name), held)
                for name, held in value.items()
                if isinstance(name, str) and is_compared(name)
            )
        elif way and says_something(value):
            plain = way[1:] if way[0] in _WRAPPERS else way
            path = tuple(folded(name) for name in plain)
            yield path, Claim(str(state["domain"]), key, way, value, state.get("id"))
