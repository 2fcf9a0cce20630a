"""The triple in Dynamics 365: exports of views with their hidden columns, names as look-ups, labels as statuses.

Half of the views come as workbooks with real dates and numbers, the others as CSV with dates like 5/20/2024 7:42 and
amounts like "$7,450.00 ".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from data.dialects.dynamics365_activities import appointments, emails, letters, phone_calls, quotes, tasks
from data.dialects.records import More, deleted_deals
from data.dialects.views import Record, marked_up, write_text, write_workbook
from data.known import Known
from data.model import Deal, World

_PHASES = {
    "prospecting": "1-Prospect",
    "qualification": "2-Qualify",
    "needs": "3-Develop",
    "proposal": "4-Propose",
    "negotiation": "5-Close",
    "won": "6-Won",
}
_LOST = "7-Lost"
_CHANCES = (10, 20, 40, 60, 80, 100)
_PREFIXES = {
    "User": 1,
    "Account": 2,
    "Contact": 3,
    "Opportunity": 4,
    "Product": 5,
    "Order": 6,
    "Order Product": 7,
    "Invoice": 8,
    "Appointment": 9,
    "Phone Call": 9,
    "Email": 9,
    "Activity": 9,
    "Quote": 9,
    "Task": 10,
    "Case": 11,
    "Goal": 12,
}
_WORKBOOKS = ("Account", "Contact", "Opportunity", "Product", "Order", "Task")
_ROLES = {"decider": "Decision Maker", "influencer": "Influencer", "user": "Employee", "gatekeeper": ""}
_METRICS = {
    "revenue": "Revenue",
    "collected": "Collected payments",
    "activities": "Activities",
    "new_customers": "New customers",
}
_CONTENT = ("", "Very Dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very Satisfied")


def identity(table: str, key: int) -> str:
    """The GUID of a record; they rise with the records, as the ids of the other two do."""
    return f"{_PREFIXES[table]:08x}-7c1d-ef11-8a6a-{key:012x}"


class TripleDynamics:
    """One snapshot of the triple as Dynamics 365 writes it."""

    def __init__(self, world: World, day: date, more: More = More.NOTHING) -> None:
        self.more = more
        self.world, self.known, self.day = world, Known(world, day), day
        self.cut = self.known.cut
        self.gone = deleted_deals(self.known)
        self.deals = {d.key: d for d in self.known.deals if d.key not in self.gone}
        self.people = {p.key: p.name for p in world.people}
        self.numbers = {p.key: number for number, p in enumerate(world.people, 1)}
        self.contacts = {c.key: c for customer in world.customers for c in customer.contacts}
        self.done = [a for a in self.known.done if a.deal not in self.gone]

    def tables(self) -> dict[str, list[Record]]:
        """Every view of the export, in a fixed order."""
        found: dict[str, Iterable[Record]] = {
            "User": self._users(),
            "Account": self._accounts(),
            "Contact": self._contacts(),
            "Opportunity": self._deals(),
            "Product": self._products(),
            "Order": self._orders(),
            "Order Product": self._order_products(),
            "Invoice": self._invoices(),
            "Appointment": appointments(self),
            "Phone Call": phone_calls(self),
            "Email": emails(self),
            "Activity": letters(self),
            "Quote": quotes(self),
            "Task": tasks(self),
            "Case": self._cases(),
            "Goal": self._goals(),
        }
        return {name: list(rows) for name, rows in found.items()}

    def hidden(self, table: str, key: int, changed: datetime) -> Record:
        """The three columns that a view's export hides before all others."""
        return {
            f"(Do Not Modify) {table}": identity(table, key),
            "(Do Not Modify) Row Checksum": f"{key * 7919 % 65521:04x}==",
            "(Do Not Modify) Modified On": changed,
        }

    def _users(self) -> Iterable[Record]:
        for p in self.world.people:
            if p.hired > self.day:
                continue
            gone = p.left is not None and p.left <= self.day
            hired = datetime(p.hired.year, p.hired.month, p.hired.day, 8)
            changed = datetime(p.left.year, p.left.month, p.left.day, 17) if p.left and gone else hired
            yield {
                **self.hidden("User", self.numbers[p.key], changed),
                "Full Name": p.name,
                "Primary Email": f"{p.login}@example.com",
                "Title": p.title,
                "Business Unit": p.team,
                "Territory": p.team,
                "Manager": self.people.get(p.manager, ""),
                "Status": "Disabled" if gone else "Enabled",
                "Created On": hired,
                "Modified On": changed,
            }

    def _accounts(self) -> Iterable[Record]:
        for c in self.known.customers:
            yield {
                **self.hidden("Account", c.key, c.created),
                "Account Name": c.name,
                "Account Number": c.number,
                "Main Phone": c.phone,
                "Industry": c.industry,
                "Address 1: City": c.city,
                "Address 1: State/Province": c.region,
                "Category": "Hot" if c.size > 2.5 else "Warm" if c.size > 0.8 else "Cold",
                "No. of Employees": c.headcount,
                "Relationship Type": "Customer" if self.known.lifecycle(c) else "Prospect",
                "Description": marked_up(c.note),
                "Owner": self.people[c.owner.at(self.cut)],
                "Created On": c.created,
            }

    def _contacts(self) -> Iterable[Record]:
        for customer in self.known.customers:
            for c in customer.contacts:
                if c.created <= self.cut:
                    yield {
                        **self.hidden("Contact", c.key, c.created),
                        "Full Name": c.name,
                        "Job Title": c.title,
                        "Company Name": customer.name,
                        "Email": c.email,
                        "Business Phone": c.phone,
                        "Mobile Phone": c.mobile,
                        "Role": _ROLES[c.buying_role],
                        "Birthday": c.birthday,
                        "Description": marked_up(c.note),
                        "Created On": c.created,
                    }

    def _deals(self) -> Iterable[Record]:
        for d in self.deals.values():
            outcome = d.outcome_at(self.cut)
            index = d.stage.at(self.cut)
            amount = d.amount.at(self.cut)
            closed = outcome != "open" and d.end is not None
            has_step = bool(d.step.steps) and d.step.steps[0][0] <= self.cut and not closed
            step, step_on = d.step.at(self.cut) if has_step else ("", None)
            reason = {"open": "In Progress", "won": "Won"}.get(outcome, d.loss_reason)
            yield {
                **self.hidden("Opportunity", d.key, self.known.changed(d)),
                "Topic": d.name,
                "Potential Customer": self.customer_name(d.customer),
                "Est. Revenue": amount,
                "Est. Close Date": d.expected.at(self.cut),
                "Pipeline Phase": self._phase(outcome, index),
                "Status": outcome.title(),
                "Status Reason": reason,
                "Actual Revenue": amount if outcome == "won" else 0 if outcome == "lost" else None,
                "Actual Close Date": d.end.date() if closed and d.end else None,
                "Probability": 0 if outcome == "lost" else _CHANCES[index],
                "Currency": "US Dollar",
                "Lead Source": d.source,
                "Competitor": d.competitor,
                "Customer Need": d.need,
                "Next Step": step,
                "Next Step Date": step_on,
                "Owner": self.people[d.owner.at(self.cut)],
                "Created On": d.created,
            }

    def _phase(self, outcome: str, index: int) -> str:
        """The phase a deal is in; a lost one is moved on, as Salesforce does, unless it is to tell where."""
        if self.more is More.WHERE_LOST:
            # A deal won stays in the last phase too: that it is won stands in its status.
            return _PHASES[self.world.stages[min(index, len(self.world.stages) - 2)]]
        return _LOST if outcome == "lost" else _PHASES[self.world.stages[index]]

    def _products(self) -> Iterable[Record]:
        for p in self.world.products:
            yield {
                **self.hidden("Product", p.key, datetime(2024, 9, 1, 8)),
                "Name": p.name,
                "Product ID": p.code,
                "Parent": p.family,
                "List Price": p.price,
                "Standard Cost": p.cost,
                "Quantity On Hand": p.stock,
                "Default Unit": p.unit,
                "Status": "Active" if p.active else "Retired",
            }

    def _orders(self) -> Iterable[Record]:
        for o in self.known.orders:
            yield {
                **self.hidden("Order", o.key, o.signed),
                "Order ID": f"ORD-{o.key:05d}",
                "Name": o.title,
                "Potential Customer": self.customer_name(o.customer),
                "Opportunity": self.deal_name(o.deal),
                "Total Amount": o.amount,
                "Currency": "US Dollar",
                "Status": "Canceled" if o.stopped is not None and o.stopped <= self.day else "Active",
                "Owner": self.people[o.owner],
                "Date Submitted": o.signed.date(),
            }

    def _order_products(self) -> Iterable[Record]:
        for o in self.known.orders:
            for x in o.lines:
                yield {
                    **self.hidden("Order Product", x.key, o.signed),
                    "Order": o.title,
                    "Existing Product": self.world.product_of(x.product).name,
                    "Quantity": x.quantity,
                    "Price Per Unit": x.price,
                }

    def _invoices(self) -> Iterable[Record]:
        for o in self.known.orders:
            paid = {p.number: p.paid for p in o.payments if p.paid <= self.day}
            for x in o.instalments:
                yield {
                    **self.hidden("Invoice", x.key, o.signed),
                    "Invoice ID": f"INV-{x.key:05d}",
                    "Name": f"{o.title} / {x.number}",
                    "Customer": self.customer_name(o.customer),
                    "Order": o.title,
                    "Total Amount": x.amount,
                    "Due Date": x.due,
                    "Status": "Paid" if x.number in paid else "Active",
                    "Closed On": paid.get(x.number),
                    "Owner": self.people[o.owner],
                }

    def _cases(self) -> Iterable[Record]:
        kinds = {"complaint": "Problem", "question": "Question"}
        for c in self.world.cases:
            if c.opened > self.cut:
                continue
            answered = c.answered is not None and c.answered <= self.cut
            closed = c.closed is not None and c.closed <= self.cut
            yield {
                **self.hidden("Case", c.key, c.opened),
                "Case Number": f"CAS-{c.key:05d}",
                "Case Title": c.text.split("\n")[0],
                "Customer": self.customer_name(c.customer),
                "Contact": self.contacts[c.contact].name,
                "Product": self.world.product_of(c.product).name,
                "Case Type": kinds[c.kind],
                "Priority": c.priority.title(),
                "Status": "Resolved" if closed else "Active",
                "First Response On": c.answered if answered else None,
                "Resolved On": c.closed if closed else None,
                "Satisfaction": _CONTENT[c.satisfaction] if closed else "",
                "Owner": self.people[c.person],
                "Created On": c.opened,
            }

    def _goals(self) -> Iterable[Record]:
        for number, t in enumerate(self.world.targets, 1):
            if t.published <= self.day:
                year, month = int(t.month[:4]), int(t.month[5:])
                after = date(year + month // 12, month % 12 + 1, 1)
                yield {
                    **self.hidden("Goal", number, datetime(2024, 9, 1, 8)),
                    "Name": f"{_METRICS[t.measure]} {t.month} {self.people[t.person]}",
                    "Goal Owner": self.people[t.person],
                    "Goal Metric": _METRICS[t.measure],
                    "Target": t.value,
                    "From": date(year, month, 1),
                    "To": date.fromordinal(after.toordinal() - 1),
                }

    def customer_name(self, key: int) -> str:
        """The customer as a look-up shows it."""
        return self.world.customer_of(key).name

    def deal_name(self, key: int) -> str:
        """The deal as a look-up shows it; blank for none."""
        deal: Deal | None = self.deals.get(key)
        return deal.name if deal else ""

    def meanings(self) -> dict[str, str]:
        """What each id and word of this dialect stands for, in words shared by all three."""
        world = self.world
        found = {f"user {key}": identity("User", number) for key, number in self.numbers.items()}
        for kind, table, keys in (
            ("account", "Account", [c.key for c in world.customers]),
            ("contact", "Contact", list(self.contacts)),
            ("deal", "Opportunity", [d.key for d in world.deals]),
            ("product", "Product", [p.key for p in world.products]),
            ("order", "Order", [o.key for o in world.orders]),
            ("line", "Order Product", [x.key for o in world.orders for x in o.lines]),
            ("activity", "Activity", [a.key for a in world.activities]),
            ("task", "Task", [t.key for t in world.tasks]),
            ("case", "Case", [c.key for c in world.cases]),
        ):
            found |= {f"{kind} {key}": identity(table, key) for key in keys}
        # A receipt has no record of its own: it is the invoice that was paid.
        found |= {f"instalment {x.key}": identity("Invoice", x.key) for o in world.orders for x in o.instalments}
        phases = {f"stage {name}": label[2:] for name, label in _PHASES.items()} | {"stage lost": _LOST[2:]}
        return {written: meant for meant, written in (found | phases).items()}


def write(world: World, day: date, folder: Path, more: More = More.NOTHING) -> dict[str, str]:
    """The export of one day into a folder, half of it as workbooks; a record twice in two of the files."""
    dialect = TripleDynamics(world, day, more)
    for name, records in dialect.tables().items():
        if not records:
            continue
        rows = [*records, records[0]] if name in ("Contact", "Phone Call") else records
        plural = "All " + (f"{name[:-1]}ies" if name.endswith("y") else f"{name}s")
        if name in _WORKBOOKS:
            write_workbook(folder / f"{plural}.xlsx", rows)
        else:
            write_text(folder / f"{plural}.csv", rows)
    return dialect.meanings()
