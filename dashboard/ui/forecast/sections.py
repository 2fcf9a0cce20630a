"""The parts of the forecast page: cards, deals, people, what others say, and the test of the odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.text.formats import Count, Money, Percent
from dashboard.ui.card import Card
from dashboard.ui.choice import choose
from dashboard.ui.forecast import answer as answers
from dashboard.ui.forecast import figures
from dashboard.ui.forecast.answer import Claim, Row
from dashboard.ui.table import Column

if TYPE_CHECKING:
    from dashboard.ui.page import View


def cards(view: View, now: Row, cover: Row) -> list[Card]:
    """The headline figures; one that can't be known says so."""
    thin = view.say("forecast.card.thin") if now["state"] == "thin" else None
    over = view.say("forecast.card.over") if now["state"] == "over" else None
    needed = cover["needed_multiple"]
    covered = "no_target" if cover["target_amount"] is None else "needed" if needed else "left"
    return [
        Card(
            "forecast_amount",
            now["expected_amount"],
            target=now["target_amount"],
            n=now["n_open"],
            low=now["low_amount"],
            high=now["high_amount"],
            note=thin or over,
        ),
        Card(
            "target_odds",
            now["target_odds"],
            note=thin or (None if now["target_amount"] else view.say("forecast.card.no_target")),
        ),
        Card(
            "coverage",
            cover["multiple"],
            n=cover["n_open"],
            note=view.say(
                f"forecast.card.{covered}",
                needed=f"{needed:.1f}" if needed else "",
                open=Money(cover["open_amount"]),
            ),
        ),
        Card(
            "new_amount",
            now["new_amount"] if now["state"] == "ok" else None,
            note=thin or over or view.say("forecast.card.new"),
        ),
    ]


def deals(view: View, rows: Sequence[Row]) -> None:
    """The open deals that carry the forecast; a click opens the deal."""
    n, share = answers.carriers(rows)
    if n:
        view.note("forecast.deals.note", n=Count(n), share=Percent(share), total=Count(rows[0]["n_deals"]))
    stated = [Column("probability", "percent")] if any(row["probability"] is not None for row in rows) else []
    called = [Column("forecast_category")] if any(row["forecast_category"] for row in rows) else []
    view.table(
        rows,
        [
            Column("name", pinned=True, width="medium"),
            Column("account_name", label="ui.col.account"),
            Column("owner_name", label="ui.col.owner"),
            Column("stage"),
            Column("age_days", "days"),
            Column("amount", "money"),
            Column("odds", "percent"),
            Column("worth_amount", "money"),
            Column("if_won_amount", "money"),
            Column("expected_close_on", "date"),
            *stated,
            *called,
        ],
        query="forecast/deals",
        key="deals",
        opens=("deal", "opportunity_id"),
        cells={"owner_name": ("salesperson", "user_id")},
        total=rows[0]["n_deals"] if rows else None,
        empty="forecast.deals.empty",
    )


def people(view: View) -> None:
    """The forecast of each team or salesperson, and how earlier ones turned out."""
    dimension = choose(view, "dimension", ("owner", "team"), "owner")
    rows = [row for row in view.lens.rows("forecast/outlook", dimension=dimension) if row["look"] == 0]
    listed = [_person(view, row) for row in rows if any(row[name] for name in _SHOWN)]
    listed.sort(key=lambda row: (-(row["expected_amount"] or 0), row["group_id"]))
    if rows and rows[0]["level_wape"] is not None and rows[0]["state"] == "ok":
        view.note(f"forecast.people.{dimension}", wape=Percent(rows[0]["level_wape"]))
    view.table(
        listed,
        [
            Column("group_name", label=f"ui.col.{dimension}", pinned=True),
            Column("won_amount", "money"),
            Column("expected_amount", "money"),
            Column("low_amount", "money"),
            Column("high_amount", "money"),
            Column("target_amount", "money"),
            Column("target_odds", "percent"),
            Column("bias", "percent"),
            Column("verdict", codes="forecast.lean"),
            Column("hits"),
        ],
        query="forecast/outlook",
        key=f"people-{dimension}",
        opens=("salesperson", "group_id") if dimension == "owner" else None,
    )


_SHOWN = ("n_open", "won_amount", "target_amount", "n_tested")


def _person(view: View, row: Row) -> dict[str, Any]:
    verdict = answers.lean(row)
    hits = view.plain("forecast.people.hits", n=Count(row["n_tested"]), hits=Count(row["n_hits"]))
    return {
        **row,
        "group_name": row["group_name"] or view.plain("forecast.people.nobody"),
        "bias": row["bias"] if verdict != "few" else None,
        # Whose forecasts were twice what came true is given no chance that rests on the same forecast.
        "target_odds": None if verdict == "high" and row["bias"] > 1 else row["target_odds"],
        "verdict": verdict,
        "hits": hits if row["n_tested"] else None,
    }


def claims(view: View, now: Claim, before: Sequence[Claim]) -> None:
    """Our forecast beside the CRM's probabilities and the salespeople's own calls, now and on earlier snapshots."""
    theirs = now.theirs
    said = {name: Money(value) for name, value in now.row().items() if name != "day"}
    lines = []
    if now.ours["state"] == "ok":
        lines.append(view.say("forecast.claims.now", ours=said["ours"], low=said["low"], high=said["high"]))
    if theirs["stated_amount"] is not None:
        lines.append(view.say("forecast.claims.stated", stated=said["stated"], n=Count(theirs["n_stated"])))
    else:
        lines.append(view.say("forecast.claims.no_probability"))
    if theirs["commit_amount"] is not None:
        facts = {"commit": said["commit"], "best": said["best"], "n": Count(theirs["n_commit"])}
        lines.append(view.say("forecast.claims.commit", **facts))
    else:
        lines.append(view.say("forecast.claims.no_category"))
    st.markdown("\n".join(f"- {line}" for line in lines))
    rows = [claim.row() for claim in before]
    if not rows:
        view.note("forecast.claims.first")
        return
    view.note("forecast.claims.before", until=before[0].until)
    gaps = answers.gaps(rows)
    if gaps:
        names = [
            view.plain(
                f"forecast.claims.gap_{'high' if gap >= 0 else 'low'}",
                who=view.plain(f"forecast.col.{name}"),
                gap=Percent(abs(gap)),
            )
            for name, gap in gaps.items()
        ]
        st.markdown(
            view.say(
                "forecast.claims.gaps", n=Count(len(rows)), names=("，" if view.lang == "zh" else "; ").join(names)
            )
        )
    columns = ["ours", "low", "high", "stated", "commit", "best", "came"]
    shown = [name for name in columns if any(row[name] is not None for row in rows)]
    view.table(
        rows,
        [Column("day", "date", pinned=True), *(Column(name, "money") for name in shown)],
        query=("forecast/outlook", "forecast/claims", "forecast/came_true"),
        key="claims",
    )


def claims_by_person(view: View, by_person: Mapping[str, Sequence[Claim]]) -> None:
    """Whose forecasts, probabilities and commits were too high over the earlier snapshots, person by person."""
    found = answers.leanings(by_person)
    if not found:
        return
    view.section("forecast.section.leanings")
    n = max(len(claims) for claims in by_person.values())
    view.note("forecast.claims.leanings", n=Count(n), enough=Count(answers.ENOUGH_WON))
    names = {claims[-1].ours["group_id"]: claims[-1].ours["group_name"] for claims in by_person.values()}
    rows = [
        {
            "group_id": group,
            "group_name": names[group] or view.plain("forecast.people.nobody"),
            **one.said,
            "n_won": one.n_won,
            **({f"{who}_gap": gap for who, gap in one.gaps.items()} if one.n_won >= answers.ENOUGH_WON else {}),
        }
        for group, one in found.items()
        if any(one.said[name] for name in ("ours", "stated", "came"))
    ]
    rows.sort(key=lambda row: (-(row["ours"] or 0), row["group_id"]))
    spoken = [who for who in ("ours", "stated", "commit") if any(row[who] is not None for row in rows)]
    view.table(
        [{**dict.fromkeys(f"{who}_gap" for who in spoken), **row} for row in rows],
        [
            Column("group_name", label="ui.col.owner", pinned=True),
            Column("came", "money"),
            Column("n_won", "count"),
            *(column for who in spoken for column in (Column(who, "money"), Column(f"{who}_gap", "percent"))),
        ],
        query=("forecast/outlook", "forecast/claims", "forecast/came_true"),
        key="leanings",
        opens=("salesperson", "group_id"),
    )


def odds(view: View) -> None:
    """The odds by stage and age, and whether what was said of odds came true."""
    rows = view.lens.rows("forecast/odds")
    pipelines = list(dict.fromkeys(row["pipeline"] for row in rows))
    if not rows or all(row["odds"] is None for row in rows):
        view.note("forecast.odds.none")
        return
    pipeline = pipelines[0]
    if len(pipelines) > 1:
        codes = [str(number) for number in range(len(pipelines))]
        pipeline = pipelines[int(choose(view, "line", codes, "0", lambda code: view.safe(pipelines[int(code)])))]
    shown = [row for row in rows if row["pipeline"] == pipeline]
    if not any(row["n_seen"] for row in shown):
        view.note("forecast.odds.stageless")
    view.figure(figures.odds(view, shown), query="forecast/odds", key="odds")
    view.note("forecast.odds.note")
    view.section("forecast.section.calibration")
    tested = view.lens.rows("forecast/calibration")
    if not tested:
        view.note("forecast.calibration.none")
        return
    view.figure(figures.calibration(view, tested), query="forecast/calibration", key="calibration")
    first = tested[0]
    better = "better" if first["brier"] < first["base_brier"] else "worse"
    facts = {"brier": f"{first['brier']:.3f}", "base": f"{first['base_brier']:.3f}"}
    view.note(f"forecast.calibration.{better}", **facts)
