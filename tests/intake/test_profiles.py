"""The dialects of Salesforce and XTools: what their objects become, and that the profiles speak of real columns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from dashboard.intake.canonical import tables
from dashboard.intake.profile import profiles
from dashboard.intake.recognition import recognise
from dashboard.snapshots.assembly import create_tables
from tests.intake.exports import build_from


def test_every_profile_fills_fields_that_exist() -> None:
    for profile in profiles().values():
        for into in (into for spec in profile.objects for into in spec.into):
            extra = {"seconds_in_stage"} if into.table == "opportunities" else set()
            assert set(into.fields) <= tables()[into.table].fields.keys() | extra, (profile.name, into.table)


def test_canonical_fields_are_the_columns_of_the_schema() -> None:
    import duckdb

    con = duckdb.connect()
    create_tables(con)
    made = {
        "source_file",
        "source_record",
        "problem",
        "original_amount",
        "is_effective",
        "is_derived",
        "seconds_in_stage",
    }
    for table in tables().values():
        columns = {row[0] for row in con.execute(f"select column_name from (describe {table.name})").fetchall()}
        assert {field.column for field in table.fields.values()} == columns - made - {table.key}, table.name


@pytest.mark.parametrize("profile", sorted(profiles().keys() - {"canonical"}))
def test_no_two_objects_of_a_profile_are_taken_for_one_another(profile: str) -> None:
    """A file with all headings that an object knows is recognised as that object."""
    from dashboard.intake.profile import headings_of

    for spec in profiles()[profile].objects:
        header = {h for text in spec.signature for h in text.split("|")}
        header |= {h for into in spec.into for value in into.fields.values() for h in headings_of(value)}
        match = recognise(sorted(header))
        assert match is not None and (match.profile.name, match.object.name) == (profile, spec.name)


def test_salesforce_history_keeps_moves_and_counts_the_rest_as_merged(tmp_path: Path) -> None:
    deal = "Id,Name,StageName,CloseDate,IsClosed,IsWon,CreatedDate,Amount\n006A,One,Proposal/Price Quote,2026-12-01 00:00:00,0,0,2026-01-05 00:00:00,10\n"
    head = "Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,CloseDate,SystemModstamp,IsDeleted\n"
    rows = [
        "h1,006A,,2026-01-05 09:00:00,Qualification,10,2026-06-01 00:00:00,,0",
        "h2,006A,,2026-02-01 09:00:00,Qualification,12,2026-06-01 00:00:00,,0",  # amount only
        "h3,006A,,2026-03-01 09:00:00,Proposal/Price Quote,12,2026-06-01 00:00:00,,0",
        "h4,006A,,2026-05-01 09:00:00,Proposal/Price Quote,12,2026-12-01 00:00:00,,0",  # pushed out
        "h5,006A,,2026-05-02 09:00:00,Closed Won,12,2026-12-01 00:00:00,,1",  # deleted in the CRM
    ]
    built = build_from(tmp_path, {"o.csv": deal, "h.csv": head + "\n".join(rows) + "\n"})
    assert built.rows(
        "select from_stage, to_stage, changed_at::date, amount from stage_changes order by changed_at"
    ) == [
        (None, "Qualification", dt.date(2026, 1, 5), Decimal("10.00")),
        ("Qualification", "Proposal/Price Quote", dt.date(2026, 3, 1), Decimal("12.00")),
    ]
    assert built.rows("select from_on, to_on from close_date_changes") == [(dt.date(2026, 6, 1), dt.date(2026, 12, 1))]
    assert built.account("h.csv") == (5, 2, 2, 1)
    assert built.rows("select line, reason from rejects") == [(6, "deleted_in_crm")]


def test_a_salesforce_task_is_a_contact_when_called_and_done_and_a_to_do_otherwise(tmp_path: Path) -> None:
    head = "Id,WhoId,WhatId,Subject,ActivityDate,Status,OwnerId,AccountId,IsClosed,IsDeleted,TaskSubtype,CallDurationInSeconds,CallDisposition,CompletedDateTime,CreatedDate\n"
    rows = [
        "t1,,,Called,2026-03-01,Completed,u1,,1,0,Call,300,Connected,2026-03-01 10:00:00,2026-02-20 09:00:00",
        "t2,,,Call them,2026-04-01,Not Started,u1,,0,0,Call,,,,2026-02-20 09:00:00",
        "t3,,,Write offer,2026-03-05,Completed,u1,,1,0,Task,,,2026-03-04 10:00:00,2026-02-20 09:00:00",
    ]
    built = build_from(tmp_path, {"t.csv": head + "\n".join(rows) + "\n"})
    assert built.rows("select activity_id, kind, minutes, outcome, is_effective from activities") == [
        ("t1", "call", 5, "reached", True)
    ]
    assert built.rows("select task_id, status, due_on from tasks order by 1") == [
        ("t2", "open", dt.date(2026, 4, 1)),
        ("t3", "done", dt.date(2026, 3, 5)),
    ]
    assert built.account("t.csv") == (3, 3, 0, 0)


def test_approval_steps_say_who_decided(tmp_path: Path) -> None:
    instance = "Id,TargetObjectId,Status,SubmittedById,CreatedDate,CompletedDate,LastActorId\np1,006A,Approved,u1,2026-03-01 09:00:00,,\n"
    step = (
        "Id,ProcessInstanceId,StepStatus,OriginalActorId,ActorId,CreatedDate\n"
        "s0,p1,Started,u1,u1,2026-03-01 09:00:00\ns1,p1,Approved,u9,u9,2026-03-02 09:00:00\n"
    )
    users = "Id,Username,Email,IsActive,ManagerId\nu1,a,,1,u9\nu9,b,,1,\n"
    built = build_from(tmp_path, {"i.csv": instance, "s.csv": step, "u.csv": users})
    assert built.rows(
        "select r.user_id, d.user_id, decided_at::date, decision from approvals a"
        " join users r on r.user_key = a.requested_by_key join users d on d.user_key = a.decided_by_key"
    ) == [("u1", "u9", dt.date(2026, 3, 2), "approved")]


def test_xtools_reads_codes_and_labels_people_by_code_and_customers_without_number(tmp_path: Path) -> None:
    files = {
        "用户.csv": "用户ID,登录名,内部代码,用户名字,部门,状态,类型\n1,boss,B1,王总,总部,正常,老板\n2,li,M3,李雷,华东,0,2\n",
        "客户.csv": "ID,客户编号,客户名称,生命周期,客户种类,所有者,省份,创建日期\n6921,,恒盛机械,潜在,普通客户,M3,江苏,2026-01-02\n6922,K2,远帆电子,3,VIP客户,M3,浙江,2026-01-02\n",
        "机会.csv": "ID,主题,客户编号,发现日期,预计签约日期,预期金额,可能性,负责人,阶段,阶段停留时间(秒),状态,更新日期\n"
        "9,生产线,[id:6921],2026-02-01,2026-09-01,1.2万,60%,M3,方案报价,864000,跟踪,2026-08-30\n"
        "10,机器人,K2,2026-02-01,2026-07-01,¥50000,100,M3,签约,0,2,2026-07-03\n",
        "行动.csv": "ID,数据类型,标题,行动分类,客户编号,执行人,日期,机会,结果\n"
        '1,记录,谈价格,电话,K2,",M3,B1,",2026-08-01 10:00:00,10,有效沟通\n2,待办任务,回访,电话,K2,M3,2026-09-02,10,\n3,9,奇怪,电话,K2,M3,2026-08-02,10,\n',
    }
    built = build_from(
        tmp_path, {name: text.encode("gb18030") for name, text in files.items()}, as_of=dt.date(2026, 8, 31)
    )
    assert built.rows(
        "select o.opportunity_id, a.name, u.name, amount, probability, outcome, closed_at::date, stage_entered_at::date"
        " from opportunities o join accounts a using (account_key) join users u on u.user_key = o.owner_key order by 1 desc"
    ) == [
        # ten days in the stage at the end of 31 August
        ("9", "恒盛机械", "李雷", Decimal("12000.00"), 0.6, "open", None, dt.date(2026, 8, 22)),
        ("10", "远帆电子", "李雷", Decimal("50000.00"), 1.0, "won", dt.date(2026, 7, 3), dt.date(2026, 7, 3)),
    ]
    assert built.rows(
        "select u.name, kind, with_manager, is_effective from activities join users u on u.user_key = owner_key"
    ) == [("李雷", "call", True, True)]
    assert built.rows("select task_id, status from tasks") == [("2", "open")]
    assert built.account("行动.csv") == (3, 2, 0, 1)
    assert built.rows("select file, line, reason from rejects") == [("行动.csv", 4, "not_for_any_table")]


def test_what_a_profile_says_about_exporting_is_said_of_our_tables_in_both_languages() -> None:
    for profile in profiles().values():
        assert profile.how.keys() <= tables().keys(), profile.name
        assert all(told.keys() == {"zh", "en"} and all(told.values()) for told in profile.how.values()), profile.name
