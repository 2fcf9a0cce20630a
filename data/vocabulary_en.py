"""Words of the English-speaking firm: packaging-line machines, monitoring software and service."""

# fmt: off
# ruff: noqa: E501
# Tables of words are read along their rows, so the rows stay whole.

from __future__ import annotations

from data.vocabulary import Item, Staff, Team, Vocabulary

EN = Vocabulary(
    language="en",
    owner=Staff("Helen", "Ashdown", "hashdown", "VP Sales", "owner"),
    headquarters="Head Office",
    teams=(
        Team(
            "East", "Boston", Staff("Robert", "Kessler", "rkessler", "Sales Manager East", "manager"),
            (
                Staff("Maya", "Lindqvist", "mlindqvist", "Senior Account Executive", "star"),
                Staff("Tom", "Pritchard", "tpritchard", "Account Executive", "weak"),
                Staff("Andre", "Wallace", "awallace", "Account Executive", "steady"),
                Staff("Ruth", "Feldman", "rfeldman", "Account Executive", "careful"),
            ),
            (("MA", "Boston"), ("NY", "Albany"), ("PA", "Pittsburgh"), ("NJ", "Newark"), ("GA", "Atlanta")),
        ),
        Team(
            "Central", "Chicago", Staff("Denise", "Okafor", "dokafor", "Sales Manager Central", "manager"),
            (
                Staff("Carl", "Jensen", "cjensen", "Senior Account Executive", "steady"),
                Staff("Priya", "Raman", "praman", "Account Executive", "careful"),
                Staff("Luke", "Barlow", "lbarlow", "Account Executive", "hasty"),
                Staff("Sofia", "Marquez", "smarquez", "Account Executive", "steady"),
            ),
            (("IL", "Chicago"), ("OH", "Columbus"), ("WI", "Milwaukee"), ("MN", "Minneapolis"), ("TX", "Dallas")),
        ),
        Team(
            "West", "Portland", Staff("Grant", "Iwasaki", "giwasaki", "Sales Manager West", "manager"),
            (
                Staff("Derek", "Vance", "dvance", "Account Executive", "inflator"),
                Staff("Nora", "Castellan", "ncastellan", "Senior Account Executive", "solid"),
                Staff("Peter", "Holm", "pholm", "Account Executive", "leaver"),
                Staff("Ella", "Brandt", "ebrandt", "Associate Account Executive", "novice"),
            ),
            (("OR", "Portland"), ("WA", "Seattle"), ("CA", "Fresno"), ("CO", "Denver"), ("UT", "Ogden")),
        ),
    ),
    surnames=(
        "Adams", "Baker", "Clarke", "Dawson", "Ellis", "Fraser", "Graham", "Hughes", "Irving", "Jacobs", "Keller", "Lowe", "Meyer",
        "Novak", "Olsen", "Patel", "Quinn", "Rossi", "Silva", "Turner", "Usher", "Vega", "Walsh", "Young", "Zimmer", "Nguyen", "Kim",
    ),
    men=("James", "Daniel", "Michael", "David", "Kevin", "Brian", "Steven", "Omar", "Victor", "Samuel", "Paul", "Eric", "Raj", "Hugo"),
    women=("Anna", "Laura", "Emily", "Karen", "Diane", "Julia", "Monica", "Grace", "Irene", "Tara", "Leah", "Mei", "Rosa", "Claire"),
    person_pattern="{first} {last}",
    brands=(
        "Alder", "Birchfield", "Cobalt", "Dunmore", "Eastgate", "Fairhaven", "Granite", "Harrow", "Ironbridge", "Juniper", "Kestrel",
        "Larkin", "Millbrook", "Northway", "Oakridge", "Pinecrest", "Quarry", "Redstone", "Silverlake", "Thornton", "Upland", "Valley",
        "Westmoor", "Yarrow", "Zephyr", "Bluewater", "Crestline", "Driftwood", "Ember", "Foxglove", "Glenrock", "Hollis", "Meridian",
    ),
    trades=(
        ("Foods", "Food & Beverage"), ("Beverages", "Food & Beverage"), ("Pharma", "Pharmaceuticals"), ("Plastics", "Chemicals"),
        ("Packaging", "Packaging"), ("Dairy", "Food & Beverage"), ("Cosmetics", "Consumer Goods"), ("Auto Parts", "Automotive"),
        ("Electronics", "Electronics"), ("Paper", "Packaging"), ("Pet Care", "Consumer Goods"), ("Logistics", "Transportation"),
    ),
    suffixes=("Inc.", "LLC", "Co.", "Group", "Corp."),
    company_pattern="{brand} {trade} {suffix}",
    short_pattern="{brand} {trade}",
    families=("Fillers", "Labelers", "Inspection", "Line Software", "Conveyors", "Services"),
    items=(
        Item(0, "Bench Filler 4-head", "BF-4", 9800, 5900, "ea", 1.2), Item(0, "Rotary Filler 12-head", "RF-12", 42000, 27000, "ea", 0.7),
        Item(0, "Capper Module", "CP-2", 7600, 4500, "ea", 1.1), Item(0, "Nozzle Kit", "NK-1", 680, 310, "kit", 1.4),
        Item(0, "Dosing Pump", "DP-3", 1450, 820, "ea", 1.2),
        Item(1, "Wrap Labeler", "WL-100", 12400, 7700, "ea", 1.0), Item(1, "Front-Back Labeler", "FB-200", 18900, 11800, "ea", 0.8),
        Item(1, "Label Print Head", "PH-8", 980, 520, "ea", 1.3), Item(1, "Inline Coder", "IC-6", 3900, 2350, "ea", 1.1),
        Item(2, "Inline Checkweigher", "CW-300", 6400, 5900, "ea", 3.2), Item(2, "Metal Detector", "MD-50", 8900, 5500, "ea", 0.9),
        Item(2, "Cap Inspection Camera", "CI-5", 4700, 2700, "ea", 1.0), Item(2, "X-ray Inspection Station", "XR-9", 68000, 45000, "ea", 0.4),
        Item(2, "Seal Tester", "ST-2", 2900, 1650, "ea", 0.9),
        Item(3, "LineView Monitoring (annual)", "LV-A", 7200, 1300, "seat", 1.2), Item(3, "LineView Enterprise (annual)", "LV-E", 36000, 7000, "site", 0.6),
        Item(3, "Batch Trace Module", "BT-M", 14500, 2900, "site", 0.8), Item(3, "OEE Dashboard Pack", "OE-P", 5400, 950, "site", 0.9),
        Item(3, "Edge Gateway License", "EG-L", 1200, 240, "ea", 1.1),
        Item(4, "Belt Conveyor 10 ft", "BC-10", 3100, 1950, "ea", 1.3), Item(4, "Accumulation Table", "AT-48", 4200, 2700, "ea", 0.9),
        Item(4, "Case Elevator", "CE-1", 16800, 11200, "ea", 0.5), Item(4, "Palletizer Cell", "PC-1", 118000, 83000, "ea", 0.3),
        Item(4, "Guide Rail Set", "GR-2", 540, 260, "set", 1.2),
        Item(5, "Installation Day", "SV-IN", 1600, 900, "day", 1.0), Item(5, "Annual Service Plan", "SV-AP", 5200, 2100, "yr", 1.2),
        Item(5, "Operator Training", "SV-TR", 1900, 800, "day", 0.9), Item(5, "Line Audit", "SV-AU", 4800, 2300, "ea", 0.8),
    ),
    item_code="{model}",
    deciders=(("CEO", "Executive"), ("VP Operations", "Operations"), ("Plant Director", "Operations"), ("Purchasing Director", "Purchasing"), ("Owner", "Executive")),
    influencers=(("Purchasing Manager", "Purchasing"), ("Engineering Manager", "Engineering"), ("Quality Manager", "Quality"), ("IT Manager", "IT"), ("Controller", "Finance")),
    users=(("Line Supervisor", "Operations"), ("Process Engineer", "Engineering"), ("Maintenance Lead", "Maintenance"), ("Buyer", "Purchasing"), ("Office Assistant", "Administration")),
    sources=("Referral", "Trade Show", "Web", "Phone Inquiry", "Existing Customer", "Partner"),
    needs=(
        "raise line speed without more staff", "pass the retailer's traceability audit", "replace an ageing filler with little downtime",
        "see downtime by line and shift", "cut giveaway weight", "equip a new packing hall", "yearly spare parts agreement",
        "preventive maintenance instead of breakdowns", "replace an imported labeler", "palletize the night shift",
    ),
    purposes=("Line Upgrade", "New Line", "Traceability", "Spare Parts Agreement", "Inspection Project", "Monitoring Rollout", "Expansion", "Phase 2"),
    competitors=("", "", "", "Packtron", "Lineworks", "Halberd Systems", "local integrator"),
    loss_reasons=("Price too high", "Lost to competitor", "Budget cancelled", "Postponed by customer", "Technical fit", "Lead time", "No decision"),
    deal_kinds=("New Business", "Add-On Business", "Renewal"),
    next_steps=("send technical proposal", "book site survey", "submit quote", "meet the plant director", "agree payment terms", "arrange demo", "call about budget", "review contract wording", "wait for internal review"),
    openings={
        "call": ("Called {who} about how to {need}", "Phone call with {who}, went through open points", "Spoke to {who} after last week's questions"),
        "message": ("Texted {who} about next dates", "LinkedIn message to {who}", "Message to {who} with the brochure"),
        "email": ("Emailed {product} data sheet to {who}", "Answered technical questions of {who}", "Sent meeting notes to {who}"),
        "visit": ("Visited {who} and walked the line", "On site with {who} to discuss how to {need}", "Visit to {who}: schedule and payment milestones"),
        "meeting": ("Meeting with {who}: how to {need}", "Video meeting with {who}, went through the proposal line by line"),
        "demo": ("Demo of {product} for {who}", "Showed {product} on site, {who} attended throughout"),
        "quote": ("Sent quote for {product} to {who}", "Sent revised quote to {who} with lead times"),
    },
    results={
        "reached": ("Good talk, notes taken", "They explained their internal process", "Got model and count of present machines"),
        "positive": ("They like the proposal and want to move on", "They asked about delivery and payment terms", "They will help us meet the boss"),
        "neutral": ("They need to discuss it internally", "No clear result yet", "Still comparing two vendors"),
        "negative": ("They find the price too high", "Budget may slip to next quarter", "Competitor quoted lower"),
        "no_answer": ("No answer", "No reply", "In a meeting, will try again"),
    },
    closers=("Next: {step}.", "Agreed: {step}.", "", "", "Promised to {step} by next week."),
    care=("Check-in", "Season's greetings", "Machine health check", "Spare parts needs", "New product introduction"),
    care_notes=("Machines run well, {who} is happy", "{who} mentioned a possible expansion next year", "{who} wants the service visit soon", "Sent brochure, {who} will forward it to engineering", "{who} is busy, will meet next month"),
    collections=("Delivery status", "Overdue payment reminder", "Acceptance test date", "Invoice details"),
    copied_note="Touched base with customer, project is moving through internal process, strong intent on both sides, will follow up and close soon.",
    tasks=("Send proposal", "Prepare quote", "Call back", "Book meeting", "Write meeting notes", "Confirm lead time", "Request demo unit", "Follow up payment"),
    manager_tasks=("Send me the quote before the customer", "Clear payment terms with me first", "Write me a visit summary", "Show me the contract again after changes", "No discount until I confirm"),
    case_texts={
        "complaint": ("Delivered two weeks late", "Wrong model delivered", "Technician arrived late, start-up delayed", "Third repair and still failing"),
        "repair": ("Drive shows overload fault", "Touch panel stays dark", "Camera drops frames", "Cannot log in to LineView", "Lost communication,\nworks again after restart"),
        "question": ("Question on parameters", "Question on warranty period", "Question on software upgrade price", "Asks for the operator manual"),
    },
    expense_kinds=(("Travel", 420), ("Entertainment", 160), ("Mileage", 45), ("Samples", 310)),
    expense_purposes=("Customer visit", "Site survey", "Customer dinner", "Demo unit freight"),
    customer_notes=("", "", "", "Cares about lead time, less about price", "Purchasing asks for three quotes every time", "Send a card at Thanksgiving", "Pays at month end after group approval", "Engineering decides,\npurchasing only signs"),
    contact_notes=("", "", "", "Plays tennis", "Email first, never cold call", "Signs in the end", "Direct, wants data"),
    methods=("Wire", "ACH", "Check", "Card"),
    terms=("Net 30", "50% deposit, 50% before shipment", "30% deposit, 60% delivery, 10% acceptance", "Quarterly instalments"),
    order_title="{deal}",
    renewal="{short} - Monthly Spares",
    big_deal="{short} - Plant Automation Programme",
)
