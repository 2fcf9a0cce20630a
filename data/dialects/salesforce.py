"""The triple in Salesforce: the weekly data export without a history of stages, in Latin-1, times with their offset.

Invoices, receipts and goals have no standard object there; a spreadsheet beside the export holds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from data.archive import encode
from data.dialects.records import Clean, Mess, More, deleted_deals, messed, revised
from data.known import Table
from data.model import Activity, World
from data.salesforce import Salesforce
from data.salesforce_activities import event, links, tasks
from data.salesforce_columns import LOST, STAGES, record_id
from data.salesforce_money import order_items, orders, targets
from data.salesforce_service import cases
from data.stamps import day_stamp, stamp

Row = dict[str, str]
_ROLES = {"decider": "Decision Maker", "influencer": "Influencer", "user": "Business User", "gatekeeper": "Gatekeeper"}
_SINCE = ("LastStageChangeDate", More.SINCE)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
# Columns that Dynamics and XTools have no answer to.
_ALONE = {
    "Account": ("AccountSource", "AnnualRevenue"),
    "Opportunity": ("ForecastCategory", "ForecastCategoryName", "LastStageChangeDate"),
    "Order": ("EndDate",),
}


class TripleSalesforce(Salesforce):
    """One snapshot of the triple in Salesforce's dialect."""

    encoding = "latin-1"

    def __init__(self, world: World, day: date, more: More = More.NOTHING) -> None:
        super().__init__(world, day)
        self.more = more
        self.dirt = Clean(world.seed, world.firm)
        self.gone = deleted_deals(self.known)

    def tables(self) -> list[Table]:
        """Every file of the export, in a fixed order."""
        makers: dict[str, Iterable[Row]] = {
            "User": self._users(),
            "UserRole": self._roles(),
            "Account": self._accounts(),
            "Contact": self._contacts(),
            "Opportunity": self._deals(),
            "OpportunityContactRole": self._contact_roles(),
            "Product2": self._products(),
            "Quote": self._quotes(),
            "Order": orders(self),
            "OrderItem": order_items(self),
            "Task": self._tasks(),
            "Event": self._events(),
            "Case": cases(self),
            "Target": targets(self),
            "Invoice": self._invoices(),
            "Payment": self._payments(),
        }
        found = [self._finish(name, rows) for name, rows in makers.items()]
        return [self._shared(table) for table in found]

    def _shared(self, table: Table) -> Table:
        """The file as the triple has it: with offsets, without what only Salesforce knows."""
        if table.name in ("Target", "Invoice", "Payment"):
            return table
        without = tuple(column for column in _ALONE.get(table.name, ()) if (column, self.more) != _SINCE)
        found = revised(table, {}, without)
        rows = [[f"{cell}+0000" if _STAMP.fullmatch(cell) else cell for cell in row] for row in found.rows]
        return Table(found.name, found.heading, rows)

    def _contact_roles(self) -> Iterable[Row]:
        """Who is tied to a deal, with the part he plays in buying."""
        pairs = sorted({(a.deal, a.contact) for a in self.known.done if a.deal and a.contact})
        for number, (deal, contact) in enumerate(pairs, 1):
            person = self.contacts[contact]
            yield {
                "Id": record_id("OpportunityContactRole", number),
                "OpportunityId": record_id("Opportunity", deal),
                "ContactId": record_id("Contact", contact),
                "Role": _ROLES[person.buying_role],
                "IsDeleted": "1" if deal in self.gone else "0",
                "CurrencyIsoCode": "USD",
            }

    def _mark(self, row: Row, deal: int) -> Row:
        """What was noted on a deleted deal is deleted with it."""
        return {**row, "IsDeleted": "1" if deal in self.gone else "0"}

    def _tasks(self) -> Iterable[Row]:
        for a in self.known.done:
            if a.kind in ("call", "email", "message"):
                yield self._mark(self._task(a), a.deal)
        done, self.known.done = self.known.done, []
        deals = [t.deal for t in self.known.tasks]
        for deal, row in zip(deals, tasks(self), strict=True):
            yield self._mark(row, deal)
        self.known.done = done

    def _task(self, a: Activity) -> Row:
        call = a.kind == "call"
        return {
            "Id": record_id("Task", a.key),
            **links(self, "Task", a.key, a.customer, a.contact, a.deal),
            "Subject": a.subject,
            "ActivityDate": day_stamp(a.at.date()),
            "Status": "Completed",
            "Priority": "Normal",
            "OwnerId": self.user_id(a.owner),
            "Description": a.note,
            "TaskSubtype": {"call": "Call", "email": "Email", "message": "LinkedIn"}[a.kind],
            "IsClosed": "1",
            **self.audit(a.logged, a.owner),
            "CallDurationInSeconds": str(a.minutes * 60) if call else "",
            "CallType": ("Inbound" if a.inbound else "Outbound") if call else "",
            "CallDisposition": "No Answer" if a.outcome == "no_answer" else "",
            "CompletedDateTime": stamp(a.at),
        }

    def _events(self) -> Iterable[Row]:
        for a in self.known.done:
            if a.kind == "meeting":
                row = {**event(self, a, True, child=False), "Subject": a.subject}
                yield self._mark(row, a.deal)

    def _quotes(self) -> Iterable[Row]:
        for a in self.known.done:
            if a.kind == "quote":
                row = {
                    "Id": record_id("Quote", a.key),
                    "OwnerId": self.user_id(a.owner),
                    "Name": a.subject,
                    "CurrencyIsoCode": "USD",
                    **self.audit(a.at, a.owner),
                    "OpportunityId": record_id("Opportunity", a.deal),
                    "QuoteNumber": f"{a.key:08d}",
                    "Status": "Presented",
                }
                yield self._mark(row, a.deal)

    def _invoices(self) -> Iterable[Row]:
        for o in self.known.orders:
            for x in o.instalments:
                yield {
                    "invoice_id": record_id("Invoice", x.key),
                    "order_id": record_id("Order", o.key),
                    "account_id": record_id("Account", o.customer),
                    "owner_id": self.user_id(o.owner),
                    "amount": f"{x.amount:.2f}",
                    "due_on": x.due.isoformat(),
                }

    def _payments(self) -> Iterable[Row]:
        for o in self.known.orders:
            for p in o.payments:
                if p.paid <= self.day:
                    yield {
                        "payment_id": record_id("Payment", p.key),
                        "invoice_id": record_id("Invoice", p.instalment),
                        "order_id": record_id("Order", o.key),
                        "account_id": record_id("Account", o.customer),
                        "owner_id": self.user_id(o.owner),
                        "amount": f"{p.amount:.2f}",
                        "paid_on": p.paid.isoformat(),
                    }

    def meanings(self) -> dict[str, str]:
        """What each id and word of this dialect stands for, in words shared by all three."""
        world = self.world
        named = {self.user(p): p.key for p in world.people}
        found = {f"user {key}": name for name, key in named.items()}
        for kind, table, keys in (
            ("account", "Account", [c.key for c in world.customers]),
            ("contact", "Contact", list(self.contacts)),
            ("deal", "Opportunity", [d.key for d in world.deals]),
            ("product", "Product2", [p.key for p in world.products]),
            ("order", "Order", [o.key for o in world.orders]),
            ("line", "OrderItem", [x.key for o in world.orders for x in o.lines]),
            ("instalment", "Invoice", [x.key for o in world.orders for x in o.instalments]),
            ("payment", "Payment", [p.key for o in world.orders for p in o.payments]),
            ("activity", "Task", [a.key for a in world.activities if a.kind in ("call", "email", "message")]),
            ("activity", "Quote", [a.key for a in world.activities if a.kind == "quote"]),
            ("case", "Case", [c.key for c in world.cases]),
        ):
            found |= {f"{kind} {key}": record_id(table, key) for key in keys}
        found |= {f"activity {a.key}": record_id("Event", a.key * 2) for a in world.activities if a.kind == "meeting"}
        found |= {f"task {t.key}": record_id("Task", 600000 + t.key) for t in world.tasks}
        found |= {f"stage {name}": label for name, (label, _, _) in STAGES.items()} | {"stage lost": LOST[0]}
        return {written: meant for meant, written in found.items()}


def write(world: World, day: date, folder: Path, more: More = More.NOTHING) -> dict[str, str]:
    """The export of one day into a folder, a record twice in two files, the columns of the later one turned."""
    dialect = TripleSalesforce(world, day, more)
    for place, table in enumerate(dialect.tables()):
        mess = Mess(turned=day.month % 7 + place, doubled=table.name in ("Opportunity", "Task", "Payment"))
        if table.rows:
            (folder / f"{table.name}.csv").write_bytes(encode(messed(table, mess), dialect))
    return dialect.meanings()
