"""Salesforce files of requests: cases by customers, approvals by colleagues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from data.salesforce_columns import record_id
from data.stamps import stamp

if TYPE_CHECKING:
    from data.salesforce import Salesforce

Row = dict[str, str]


def cases(dialect: Salesforce) -> Iterable[Row]:
    kinds = {"complaint": "Complaint", "repair": "Repair", "question": "Question"}
    for c in dialect.world.cases:
        if c.opened > dialect.cut:
            continue
        answered = c.answered is not None and c.answered <= dialect.cut
        closed = c.closed is not None and c.closed <= dialect.cut
        yield {
            "Id": record_id("Case", c.key),
            "CaseNumber": f"{c.key:08d}",
            "ContactId": record_id("Contact", c.contact),
            "AccountId": record_id("Account", c.customer),
            "ProductId": dialect.product(c.product),
            "Type": kinds[c.kind],
            "Status": "Closed" if closed else "Working" if answered else "New",
            "Origin": "Phone",
            "Subject": c.text.split("\n")[0],
            "Priority": {"high": "High", "normal": "Medium", "low": "Low"}[c.priority],
            "Description": c.text,
            "IsClosed": "1" if closed else "0",
            "ClosedDate": stamp(c.closed) if closed and c.closed else "",
            "CurrencyIsoCode": "USD",
            "IsEscalated": "1" if c.priority == "high" and c.kind == "complaint" else "0",
            "OwnerId": dialect.user_id(c.person),
            **dialect.audit(c.opened, c.person),
            "First_Response__c": stamp(c.answered) if answered and c.answered else "",
            "Satisfaction__c": str(c.satisfaction) if closed and c.satisfaction else "",
        }


def approvals(dialect: Salesforce) -> Iterable[Row]:
    statuses = {"approved": "Approved", "rejected": "Rejected", "withdrawn": "Removed"}
    kinds = ("discount", "price", "credit", "contract")
    for a in dialect.world.approvals:
        if a.asked > dialect.cut:
            continue
        decided = a.decided is not None and a.decided <= dialect.cut
        hours = (a.decided - a.asked).total_seconds() / 3600 if decided and a.decided else None
        yield {
            "Id": record_id("ProcessInstance", a.key),
            "ProcessDefinitionId": record_id("ProcessDefinition", kinds.index(a.kind) + 1),
            "TargetObjectId": record_id("Opportunity", a.deal),
            "Status": statuses[a.decision] if decided else "Pending",
            "CompletedDate": stamp(a.decided) if decided and a.decided else "",
            "LastActorId": dialect.user_id(a.decider if decided else a.asker),
            "ElapsedTimeInDays": f"{hours / 24:.2f}" if hours is not None else "",
            "ElapsedTimeInHours": f"{hours:.2f}" if hours is not None else "",
            "SubmittedById": dialect.user_id(a.asker),
            **dialect.audit(a.asked, a.asker, a.decided if decided else None),
        }


def approval_steps(dialect: Salesforce) -> Iterable[Row]:
    statuses = {"approved": "Approved", "rejected": "Rejected", "withdrawn": "Removed"}
    for a in dialect.world.approvals:
        if a.asked > dialect.cut:
            continue
        comment = f"{a.kind.title()}: {a.discount * 100:.1f}% discount on {a.amount:,.2f}"
        process = record_id("ProcessInstance", a.key)
        yield {
            "Id": record_id("ProcessInstanceStep", a.key * 2 - 1),
            "ProcessInstanceId": process,
            "StepStatus": "Started",
            "OriginalActorId": dialect.user_id(a.asker),
            "ActorId": dialect.user_id(a.asker),
            "RemindersSent": "0",
            "Comments": comment,
            "ElapsedTimeInDays": "0.00",
            "CreatedDate": stamp(a.asked),
            "CreatedById": dialect.user_id(a.asker),
            "SystemModstamp": stamp(a.asked),
        }
        if a.decided is not None and a.decided <= dialect.cut:
            elapsed = (a.decided - a.asked).total_seconds() / 86400
            yield {
                "Id": record_id("ProcessInstanceStep", a.key * 2),
                "ProcessInstanceId": process,
                "StepStatus": statuses[a.decision],
                "OriginalActorId": dialect.user_id(a.decider),
                "ActorId": dialect.user_id(a.decider),
                "RemindersSent": str(int(elapsed // 3)),
                "ElapsedTimeInDays": f"{elapsed:.2f}",
                "CreatedDate": stamp(a.decided),
                "CreatedById": dialect.user_id(a.decider),
                "SystemModstamp": stamp(a.decided),
            }
