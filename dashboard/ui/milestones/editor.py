"""The playbook editor: per pipeline and stage the milestones demanded, the days and the contacts expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import playbook
from dashboard.playbook import PlaybookError, Rule, StageStandard
from dashboard.text.formats import Count, Days, Listing
from dashboard.ui import session
from dashboard.ui.milestones import words

if TYPE_CHECKING:
    from dashboard.ui.page import View

Row = Mapping[str, Any]
#: (pipeline, stage)
Place = tuple[str, str]

_SAID = "playbook.said"


def draw(view: View) -> None:
    """The editor, with what was refused and what is kept for other data."""
    if view.viewer.role != "boss":
        view.note("milestones.editor.boss_only")
        return
    kept, problems = session.settings().read_playbook()
    for problem in problems:
        st.warning(view.say(f"playbook.problem.{problem.code}", **problem.facts))
    if said := st.session_state.pop(_SAID, None):
        kind, key, facts = said
        (st.error if kind == "error" else st.success)(view.say(key, **facts))
    view.note("milestones.editor.intro")
    pipelines = _by_pipeline(view.lens.rows("milestones/playbook"))
    defaults = _rules(view.lens.by_default().rows("milestones/playbook"))
    shown = {row["measure"]: row["is_shown"] for row in view.lens.rows("milestones/measures")}
    if not pipelines:
        view.note("milestones.rules.empty")
        return
    chosen = next(iter(pipelines))
    if len(pipelines) > 1:
        chosen = st.selectbox(view.plain("milestones.editor.pipeline"), list(pipelines), key="playbook.pipeline")
    stages = pipelines[chosen]
    for row in stages:
        _stage(view, row, _rules(view.lens.rows("milestones/playbook")), defaults, shown)
    with st.container(horizontal=True, gap="small"):
        st.button(
            view.plain("milestones.editor.save"),
            type="primary",
            key="playbook.save",
            on_click=lambda: _save(stages, defaults),
        )
        st.button(view.plain("milestones.editor.reset"), key="playbook.reset", on_click=lambda: _reset(stages))
    known = {_place(row) for rows in pipelines.values() for row in rows}
    if elsewhere := sum((stage.pipeline, stage.stage) not in known for stage in kept):
        view.note("milestones.editor.elsewhere", n=Count(elsewhere))


def _stage(
    view: View,
    row: Row,
    rules: Mapping[Place, Sequence[Rule]],
    defaults: Mapping[Place, Sequence[Rule]],
    shown: Mapping[str, bool],
) -> None:
    """One stage: what it demands, how much of it, how long it should take."""
    place, key = _place(row), _key(_place(row))
    in_force = {rule.measure: rule.at_least for rule in rules.get(place, ())}
    with st.container(border=True):
        position, n = Count(row["position"]), Count(row["n_open"])
        st.markdown(f"**{view.say('milestones.editor.stage', position=position, stage=row['stage'], n=n)}**")
        hint = view.plain("milestones.editor.hint")
        measures = st.multiselect(
            view.plain("milestones.editor.measures"),
            list(playbook.measures()),
            default=list(in_force),
            format_func=lambda code: words.name(view, code) + ("" if shown.get(code) else hint),
            placeholder=view.plain("milestones.editor.pick"),
            key=f"{key}.measures",
        )
        grid = st.grid(3, min_column_width=150, gap="small")
        for code in measures:
            if (most := playbook.measures()[code]) > 1:
                grid.cell().number_input(
                    view.plain("milestones.editor.at_least", measure=words.name(view, code)),
                    min_value=1,
                    max_value=most,
                    value=in_force.get(code, 1),
                    key=f"{key}.{code}",
                )
        usual = view.plain("milestones.editor.usual", days=Days(row["usual_days"])) if row["usual_days"] else ""
        unset = view.plain("milestones.editor.unset")
        for name, largest, standard, ghost in (
            ("days", playbook.MOST_DAYS, row["expected_days"], usual or unset),
            ("touches", playbook.MOST_TOUCHES, row["expected_touches"], unset),
        ):
            grid.cell().number_input(
                view.plain(f"milestones.editor.{name}"),
                min_value=1,
                max_value=int(largest),
                value=None if standard is None else max(1, round(standard)),
                placeholder=ghost,
                key=f"{key}.{name}",
            )
        untold = [words.name(view, code) for code in measures if not shown.get(code)]
        if untold:
            st.warning(view.say("milestones.editor.untold", rules=Listing(untold)), icon=":material/visibility_off:")
        usually = [words.rule(view, rule.measure, rule.at_least) for rule in defaults.get(place, ())]
        said = view.say("milestones.editor.default", rules=Listing(usually)) if usually else ""
        said = said or view.say("milestones.editor.default_none")
        st.caption(f"{view.say('milestones.editor.own')} {said}" if row["is_own"] else said)


def _save(stages: Sequence[Row], defaults: Mapping[Place, Sequence[Rule]]) -> None:
    """Callback: keep what the widgets of this pipeline say; a stage that says what the default does is not kept."""
    settings, state = session.settings(), st.session_state
    edited = [_place(row) for row in stages]
    try:
        written = []
        for place in edited:
            key = _key(place)
            rules = tuple(Rule(code, int(state.get(f"{key}.{code}") or 1)) for code in state.get(f"{key}.measures", ()))
            standard = StageStandard(*place, rules, state.get(f"{key}.days"), state.get(f"{key}.touches"))
            is_default = set(rules) == set(defaults.get(place, ()))
            if not is_default or standard.expected_days or standard.expected_touches:
                written.append(standard)
        others = [stage for stage in settings.playbook() if (stage.pipeline, stage.stage) not in edited]
        settings.set_playbook([*others, *written])
    except PlaybookError as error:
        state[_SAID] = ("error", f"playbook.problem.{error.code}", error.facts)
    else:
        state[_SAID] = ("success", "milestones.editor.saved", {})


def _reset(stages: Sequence[Row]) -> None:
    """Callback: this pipeline's stages back to the default, the widgets with them."""
    settings, edited = session.settings(), [_place(row) for row in stages]
    settings.set_playbook([stage for stage in settings.playbook() if (stage.pipeline, stage.stage) not in edited])
    for place in edited:
        for name in [str(name) for name in st.session_state if str(name).startswith(f"{_key(place)}.")]:
            del st.session_state[name]
    st.session_state[_SAID] = ("success", "milestones.editor.restored", {})


def _by_pipeline(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """One row per stage, by pipeline; pipelines and stages without a name can't be written about."""
    stages: dict[str, list[Row]] = {}
    for _, same in groupby(rows, key=lambda row: (row["pipeline"], row["position"])):
        first = next(same)
        if first["pipeline"] is not None and first["stage"] is not None:
            stages.setdefault(first["pipeline"], []).append(first)
    return stages


def _rules(rows: Sequence[Row]) -> dict[Place, list[Rule]]:
    found: dict[Place, list[Rule]] = {}
    for row in rows:
        if row["measure"] in playbook.measures():
            found.setdefault(_place(row), []).append(Rule(row["measure"], row["at_least"]))
    return found


def _place(row: Row) -> Place:
    return row["pipeline"], row["stage"]


def _key(place: Place) -> str:
    """What a stage's widgets are called; quoted, so that no name can be taken for another."""
    return f"playbook.{place[0]!r}.{place[1]!r}"
