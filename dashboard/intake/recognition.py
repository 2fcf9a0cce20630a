"""Recognition: which CRM and which object a file is, told by its headings, never by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.intake.canonical import tables
from dashboard.intake.problem import Code, IntakeError
from dashboard.intake.profile import Profile, SourceObject, alternatives, headings_of, normal, profiles

#: Headings of our own that must be there before a file counts as one of our tables.
_LEAST_CANONICAL = 3


@dataclass(frozen=True)
class Match:
    """A file recognised: its profile and object, and how sure that is (0 to 1)."""

    profile: Profile
    object: SourceObject
    confidence: float


def recognise(header: Sequence[str], source: str | Profile = "auto") -> Match | None:
    """The best match for a header, or None. `source` narrows the search to one profile, by name or as given.

    Raises IntakeError unknown_source for a name that is none of ours.
    """
    if isinstance(source, Profile):
        wanted = [source]
    elif source == "auto":
        wanted = list(profiles().values())
    elif source in profiles():
        wanted = [profiles()[source]]
    else:
        raise IntakeError(Code.UNKNOWN_SOURCE, source=source, known=", ".join(sorted(profiles())))
    present = {normal(heading) for heading in header if heading}
    matches = [match for profile in wanted for match in _of_profile(profile, present)]
    return max(matches, key=lambda match: match[0])[1] if matches else None


def _of_profile(profile: Profile, present: set[str]) -> list[tuple[tuple[float, float], Match]]:
    found = []
    for candidate in profile.objects:
        used = {heading for into in candidate.into for value in into.fields.values() for heading in headings_of(value)}
        used |= {heading for text in candidate.signature for heading in alternatives(text)}
        if not (_is_canonical(candidate, present) if profile.name == "canonical" else _is_signed(candidate, present)):
            continue
        known = unfolded(present, used) & used
        # Sure by the share of the file that the object explains, firmer the more headings agree.
        share = len(known) / len(present)
        intos = [into for into in candidate.into if not into.unpivot]
        fields = [any(h in known for h in headings_of(v)) for into in intos for v in into.fields.values()]
        filled = sum(fields) / len(fields) if fields else share
        confidence = 1.0 if candidate.headings else round(min(0.99, 0.5 + 0.3 * filled + 0.2 * share), 2)
        found.append(((len(known) * confidence, confidence), Match(profile, candidate, confidence)))
    return found


def _is_signed(candidate: SourceObject, present: set[str]) -> bool:
    if candidate.headings:
        return present == set(candidate.headings)
    signature = [set(alternatives(text)) for text in candidate.signature]
    return bool(signature) and all(unfolded(present, names) & names for names in signature)


def unfolded(present: set[str], known: set[str]) -> set[str]:
    """The headings of a file, an interface's stage_name as the StageName that a profile knows."""
    return {heading if heading in known else heading.replace("_", "") for heading in present}


def _is_canonical(candidate: SourceObject, present: set[str]) -> bool:
    table = tables()[candidate.into[0].table]
    own = present & table.fields.keys()
    least = min(_LEAST_CANONICAL, len(table.fields))
    return len(own) >= least and len(own) >= 0.6 * len(present) and (not table.id or table.id in present)
