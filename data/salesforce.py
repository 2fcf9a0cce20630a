"""Renders a firm as Salesforce's weekly data export: API names, 18-character ids, everything quoted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from data.dirt import DUPLICATES, Dirt
from data.known import Known, Table
from data.model import Customer, Deal, Person, World
from data.salesforce_activities import events, tasks
from data.salesforce_columns import COLUMNS, FORECAST_NAMES, LOST, STAGES, blank, record_id
from data.salesforce_deals import contact_roles, history, line_items, quotes
from data.salesforce_money import invoices, order_items, orders, payments, targets
from data.salesforce_service import approval_steps, approvals, cases
from data.stamps import day_stamp, stamp

Row = dict[str, str]


class Salesforce:
    """One snapshot in Salesforce's dialect."""

    encoding = "utf-8"
    newline = "\n"
    quote_all = True

    def __init__(self, world: World, day: date) -> None:
        self.world, self.known, self.dirt = world, Known(world, day), Dirt(world.seed, world.firm)
        self.day, self.cut = day, self.known.cut
        self.staff = {p.key: p for p in world.people}
        self.numbers = {p.key: number for number, p in enumerate(world.people, 1)}
        self.contacts = {c.key: c for customer in world.customers for c in customer.contacts}
        self.roles = {name: number for number, name in enumerate(dict.fromkeys(p.team for p in world.people), 1)}

    def user(self, person: Person) -> str:
        return self.user_id(person.key)

    def user_id(self, key: str) -> str:
        return record_id("User", self.numbers[key])

    @staticmethod
    def customer(customer: Customer) -> str:
        return record_id("Account", customer.key)

    @staticmethod
    def deal(deal: Deal) -> str:
        return record_id("Opportunity", deal.key)

    @staticmethod
    def product(key: int) -> str:
        return record_id("Product2", key)

    @staticmethod
    def stage(name: str) -> str:
        return STAGES[name][0]

    def audit(self, created: datetime, by: str, changed: datetime | None = None) -> Row:
        """The five columns every object carries."""
        last = changed or created
        return {
            "CreatedDate": stamp(created),
            "CreatedById": self.user_id(by),
            "LastModifiedDate": stamp(last),
            "LastModifiedById": self.user_id(by),
            "SystemModstamp": stamp(last),
        }

    def tables(self) -> list[Table]:
        """Every file of the export, in a fixed order."""
        makers: dict[str, Iterable[Row]] = {
            "User": self._users(),
            "UserRole": self._roles(),
            "Account": self._accounts(),
            "Contact": self._contacts(),
            "Lead": self._leads(),
            "Opportunity": self._deals(),
            "OpportunityHistory": history(self),
            "OpportunityContactRole": contact_roles(self),
            "Product2": self._products(),
            "OpportunityLineItem": line_items(self),
            "Quote": quotes(self),
            "Order": orders(self),
            "OrderItem": order_items(self),
            "Task": tasks(self),
            "Event": events(self),
            "Case": cases(self),
            "ProcessInstance": approvals(self),
            "ProcessInstanceStep": approval_steps(self),
            "Target": targets(self),
            "Invoice": invoices(self),
            "Payment": payments(self),
        }
        return [self._finish(name, rows) for name, rows in makers.items()]

    def _finish(self, name: str, rows: Iterable[Row]) -> Table:
        heading = COLUMNS[name].split(",")
        found: list[list[str]] = []
        for number, row in enumerate(rows, 1):
            assert row.keys() <= set(heading), (name, row.keys() - set(heading))
            values = [row.get(column) or blank(name, column) for column in heading]
            found.append(values)
            if row.get("IsDeleted") == "1":
                self.dirt.count(name, "deleted", values[0])
            # Only the files put together by hand hold doubled rows; the export itself writes each record once.
            if name in ("Payment", "Invoice") and self.dirt.hits(name, number, "double", DUPLICATES):
                found.append(values)
                self.dirt.count(name, "duplicates", values[0])
        return Table(name, heading, found)

    def _users(self) -> Iterable[Row]:
        for p in self.world.people:
            if p.hired > self.day:
                continue
            active = p.left is None or p.left > self.day
            hired = datetime(p.hired.year, p.hired.month, p.hired.day, 8)
            seen = self.cut.replace(hour=9) if p.left is None or active else datetime.combine(p.left, time(17))
            yield {
                "Id": self.user(p),
                "Username": f"{p.login}@example.com",
                "LastName": p.last,
                "FirstName": p.first,
                "CompanyName": "Brightline Packaging Systems",
                "Division": p.team,
                "Department": "Sales",
                "Title": p.title,
                "Email": f"{p.login}@example.com",
                "Alias": p.login[:8],
                "IsActive": "1" if active else "0",
                "TimeZoneSidKey": "America/Chicago",
                "UserRoleId": record_id("UserRole", self._role(p)),
                "ProfileId": record_id("Profile", 1),
                "UserType": "Standard",
                "EmployeeNumber": p.key,
                "ManagerId": self.user_id(p.manager) if p.manager else "",
                "LastLoginDate": stamp(seen),
                **self.audit(hired, "B1"),
                "ForecastEnabled": "1",
            }

    def _role(self, person: Person) -> int:
        place = self.roles[person.team]
        return 1 if person.role == "owner" else place * 10 + (0 if person.role == "manager" else 1)

    def _roles(self) -> Iterable[Row]:
        start = datetime(2024, 9, 1, 8)
        shared = {
            "OpportunityAccessForAccountOwner": "Edit",
            "LastModifiedDate": stamp(start),
            "LastModifiedById": self.user_id("B1"),
            "SystemModstamp": stamp(start),
        }
        yield {"Id": record_id("UserRole", 1), "Name": "VP Sales", "RollupDescription": "VP Sales", **shared}
        for team, place in list(self.roles.items())[1:]:
            manager, rep = record_id("UserRole", place * 10), record_id("UserRole", place * 10 + 1)
            yield {"Id": manager, "Name": f"Sales Manager {team}", "ParentRoleId": record_id("UserRole", 1), **shared}
            yield {"Id": rep, "Name": f"Sales {team}", "ParentRoleId": manager, **shared}

    def _accounts(self) -> Iterable[Row]:
        for c in self.known.customers:
            life = self.known.lifecycle(c)
            touched = self.known.touched_customer.get(c.key)
            owner = c.owner.at(self.cut)
            yield {
                "Id": self.customer(c),
                "Name": c.name,
                "Type": "Prospect" if life == 0 else "Customer - Direct",
                "BillingCity": c.city,
                "BillingState": c.region,
                "BillingCountry": "United States",
                "Phone": c.phone,
                "AccountNumber": c.number,
                "Industry": c.industry,
                "AnnualRevenue": f"{c.headcount * 210000}",
                "NumberOfEmployees": str(c.headcount),
                "Description": c.note,
                "Rating": "Hot" if c.size > 2.5 else "Warm" if c.size > 0.8 else "Cold",
                "CurrencyIsoCode": "USD",
                "OwnerId": self.user_id(owner),
                **self.audit(c.created, c.owner.steps[0][1], max(touched or c.created, c.created)),
                "LastActivityDate": day_stamp(touched.date()) if touched else "",
                "AccountSource": c.source,
            }

    def _contacts(self) -> Iterable[Row]:
        for customer in self.known.customers:
            for c in customer.contacts:
                if c.created > self.cut:
                    continue
                note = c.note
                if c.left is not None and c.left <= self.day:
                    note = "No longer with the company"
                yield {
                    "Id": record_id("Contact", c.key),
                    "AccountId": self.customer(customer),
                    "Salutation": "Mr." if c.male else "Ms.",
                    "FirstName": c.first,
                    "LastName": c.last,
                    "MailingCity": customer.city,
                    "MailingState": customer.region,
                    "MailingCountry": "United States",
                    "Phone": c.phone,
                    "MobilePhone": c.mobile,
                    "Email": c.email,
                    "Title": c.title,
                    "Department": c.department,
                    "LeadSource": customer.source,
                    "Birthdate": day_stamp(c.birthday) if c.birthday else "",
                    "Description": note,
                    "CurrencyIsoCode": "USD",
                    "OwnerId": self.user_id(customer.owner.at(self.cut)),
                    **self.audit(c.created, customer.owner.at(c.created)),
                }

    def _leads(self) -> Iterable[Row]:
        for x in self.world.leads:
            if x.created > self.cut:
                continue
            converted = x.converted is not None and x.converted <= self.cut
            touched = x.touched is not None and x.touched <= self.cut
            closed = x.closed is not None and x.closed <= self.cut
            status = (
                "Closed - Converted"
                if converted
                else "Closed - Not Converted"
                if closed
                else ("Working - Contacted" if touched else "Open - Not Contacted")
            )
            deal = self.world.deals[x.deal - 1] if x.deal else None
            row = {
                "Id": record_id("Lead", x.key),
                "IsDeleted": "1" if self.dirt.hits("Lead", x.key, "deleted", 0.008) and not converted else "0",
                "FirstName": x.first,
                "LastName": x.last,
                "Title": x.title,
                "Company": x.company,
                "City": x.city,
                "State": x.region,
                "Country": "United States",
                "Email": f"lead{x.key:04d}@example.com",
                "LeadSource": x.source,
                "Status": status,
                "OwnerId": self.user_id(x.owner),
                "IsConverted": "1" if converted else "0",
                "IsUnreadByOwner": "0" if touched else "1",
                **self.audit(x.created, x.owner),
                "FirstCallDateTime": stamp(x.touched) if touched and x.touched else "",
            }
            if converted and x.converted is not None:
                customer = self.world.customer_of(x.customer)
                row |= {
                    "ConvertedDate": day_stamp(x.converted.date()),
                    "ConvertedAccountId": self.customer(customer),
                    "ConvertedContactId": record_id("Contact", customer.contacts[0].key),
                }
                if deal is not None and deal.created <= self.cut:
                    row["ConvertedOpportunityId"] = self.deal(deal)
            yield row

    def _deals(self) -> Iterable[Row]:
        for d in self.known.deals:
            outcome = d.outcome_at(self.cut)
            name = self.world.stages[d.stage.at(self.cut)]
            label, chance, category = STAGES[name] if outcome in ("open", "won") else LOST
            closed = outcome != "open" and d.end is not None
            close = d.end.date() if closed and d.end else d.expected.at(self.cut)
            amount = d.amount.at(self.cut)
            has_step = bool(d.step.steps) and d.step.steps[0][0] <= self.cut and not closed
            step, step_on = d.step.at(self.cut) if has_step else ("", None)
            touched = self.known.touched_deal.get(d.key)
            quoted = d.quoted is not None and d.quoted <= self.cut and bool(d.lines)
            moved = d.end if outcome in ("lost", "shelved", "dead") and d.end else d.stage.since(self.cut)
            quarter = (close.month + 2) // 3
            yield {
                "Id": self.deal(d),
                "IsDeleted": "1" if d.deleted is not None and d.deleted <= self.cut else "0",
                "AccountId": record_id("Account", d.customer),
                "Name": d.name,
                "Description": d.need,
                "StageName": label,
                "StageSortOrder": str(len(STAGES) + 1 if label == LOST[0] else list(STAGES).index(name) + 1),
                "Amount": f"{amount:.2f}",
                "Probability": str(chance),
                "ExpectedRevenue": f"{amount * chance / 100:.2f}",
                "CloseDate": day_stamp(close),
                "Type": d.kind,
                "NextStep": step,
                "LeadSource": d.source,
                "IsClosed": "1" if closed else "0",
                "IsWon": "1" if outcome == "won" else "0",
                "ForecastCategory": category,
                "ForecastCategoryName": FORECAST_NAMES[category],
                "CurrencyIsoCode": "USD",
                "HasOpportunityLineItem": "1" if quoted else "0",
                "Pricebook2Id": record_id("Pricebook2", 1),
                "OwnerId": self.user_id(d.owner.at(self.cut)),
                **self.audit(d.created, d.owner.steps[0][1], self.known.changed(d)),
                "LastActivityDate": day_stamp(touched.date()) if touched else "",
                "LastStageChangeDate": stamp(moved),
                "FiscalYear": str(close.year),
                "FiscalQuarter": str(quarter),
                "ContactId": record_id("Contact", d.contact),
                "Loss_Reason__c": d.loss_reason if label == LOST[0] else "",
                "Main_Competitor__c": d.competitor,
                "Next_Step_Date__c": day_stamp(step_on) if step_on else "",
            }

    def _products(self) -> Iterable[Row]:
        for p in self.world.products:
            yield {
                "Id": self.product(p.key),
                "Name": p.name,
                "ProductCode": p.code,
                "IsActive": "1" if p.active else "0",
                "Family": p.family,
                "QuantityUnitOfMeasure": p.unit,
                "StockKeepingUnit": p.model,
                "CurrencyIsoCode": "USD",
                **self.audit(datetime(2024, 9, 1, 8), "B1"),
                "List_Price__c": f"{p.price:.2f}",
                "Unit_Cost__c": f"{p.cost:.2f}",
                "Stock_On_Hand__c": str(p.stock),
            }
