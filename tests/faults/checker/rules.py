"""The rules that must hold whatever failed. Each counts what it looked at."""

from collections import Counter, defaultdict

from vendors import custom, minutes

# Kinds of lines that bill something, which may be billed once only.
ONCE = {"fee", "milestone", "expense"}
# States of a posting that is in the books.
POSTED = {"CONFIRMED", "RESOLVED"}
# States of a posting that a person took out.
TAKEN_OUT = {"SKIPPED", "WITHDRAWN"}


def time(books):
    """P1, P2: approved time is in the books with its minutes, or has an owner; what is not approved is not there."""
    billed = Counter()
    for _, bill in books.erp.all("timeBill"):
        billed[bill["externalId"].split(":")[1]] += minutes(bill["hours"])
    owned = {row["object_id"] for row in books.open_exceptions}
    projects = {identity: custom(space, "Project Code") for identity, space in books.psa.all("workspaces")}
    entries = dict(books.psa.all("time_entries"))
    superseded = {identity: custom(entry, "Supersedes Entry") for identity, entry in entries.items()}
    last = {}
    for identity, entry in sorted(entries.items()):
        books.count("time entries approved", bool(entry.get("approved")))
        # A correction is an entry of its own that names the one before; the books know all of them by the first.
        first = identity
        while superseded.get(first):
            first = int(superseded[first])
        if entry.get("approved") or first == identity:
            last[first] = entry
    for identity, entry in last.items():
        code = entries[identity]["notes"]
        wanted = entry["time_in_minutes"] if entry.get("approved") else 0
        found = billed.pop(str(identity), 0)
        if found == wanted or {code, projects.get(entry["workspace_id"])} & owned:
            continue
        kind = books.lost if found < wanted else books.doubled
        kind(f"{code}: approved {wanted} minutes, in the books {found}")
    for identity, found in billed.items():
        if found:
            books.doubled(f"time {identity} is in the books with {found} minutes, and nobody approved it")


def unique_at_vendors(books):
    """P2: a key of ours names one record, and what has no key is there once by what makes it the same."""
    seen = Counter()
    for kind in ("customer", "salesOrder", "job", "employee", "timeBill"):
        seen.update(("erp " + kind, record["externalId"]) for _, record in books.erp.all(kind) if "externalId" in record)
    seen.update(("erp " + record["_type"], record["externalId"]) for _, record in books.erp.all("transaction"))
    seen.update(("crm invoice status", record["PSG_Key__c"]) for _, record in books.crm.all("Invoice_Status__c"))
    for _, record in books.psa.all("external_references"):
        if record["service_name"] == "strata" and record["service_model"] != "WorkspaceResource":
            seen["psa reference " + record["service_model"], record["service_model_ref"]] += 1
    seen.update(("psa client", record["name"]) for _, record in books.psa.all("workspace_groups"))
    seen.update(("psa project", custom(record, "Project Code")) for _, record in books.psa.all("workspaces"))
    seen.update(("psa invoice", record["user_invoice_number"]) for _, record in books.psa.all("invoices"))
    seen.update(("psa rate card", record["title"]) for _, record in books.psa.all("rate_cards"))
    for _, record in books.psa.all("stories"):
        seen["psa task", f"{record['workspace_id']} {record['title']} {custom(record, 'Milestone Code')}"] += 1
    for _, record in books.psa.all("workspace_resources"):
        if record.get("unnamed"):
            seen["psa staffing", f"{record['workspace_id']} {record['role_name']}"] += 1
    for (kind, key), times in seen.items():
        books.count("keys at vendors")
        if times > 1:
            books.doubled(f"{kind} {key} is there {times} times")


def ledger(books):
    """P1, P5: nothing is left under way; what is confirmed is there; what carries our keys is known."""
    there = {record["externalId"] for _, record in books.erp.all("timeBill")}
    there |= {record["externalId"] for _, record in books.erp.all("transaction")}
    known = set()
    for posting in books.store.rows("SELECT key, state FROM posting"):
        key, state = posting["key"], posting["state"]
        known.add(key)
        books.count(f"postings {state}")
        if state in POSTED and key not in there:
            books.lost(f"posting {key} is {state}, and not in the books")
        elif state not in POSTED | TAKEN_OUT | {"REJECTED"}:
            books.broken(f"posting {key} is still {state}")
    for key in there - known:
        books.doubled(f"{key} is in the books, and no posting of ours")


def documents(books):
    """P8: documents are the same to the minor unit in the database, the ERP, the PSA and the CRM."""
    in_erp = {}
    for _, record in books.erp.all("transaction"):
        if record["_type"] != "journalEntry":
            in_erp[record["externalId"]] = record
    status = {record["PSG_Key__c"]: record for _, record in books.crm.all("Invoice_Status__c")}
    invoices = {record["user_invoice_number"]: record for _, record in books.psa.all("invoices")}
    lines = defaultdict(int)
    for line in books.store.rows("SELECT document_key, minor_units FROM document_line"):
        lines[line["document_key"]] += line["minor_units"]
    for row in books.store.rows("SELECT * FROM document"):
        key, currency = row["key"], row["currency_code"]
        record = in_erp.pop(key, None)
        books.count("documents")
        if record is None:
            if row["state"] not in {"RELEASED", "CANCELLED"}:
                books.lost(f"document {key} is {row['state']}, and not in the ERP")
            continue
        minor = lambda amount: books.firm.minor(amount, currency)
        sign = -1 if row["credit_memo"] else 1
        books.equal(f"{key} net", sign * minor(record["subtotal"]), row["net"])
        books.equal(f"{key} tax", sign * minor(record["taxTotal"]), row["tax"])
        books.equal(f"{key} gross", sign * minor(record["total"]), row["gross"])
        books.equal(f"{key} open", sign * minor(record["amountRemaining"]), row["open"])
        books.equal(f"{key} lines", lines[key], row["net"])
        items = sum(minor(item["amount"]) for item in record["item"]["items"])
        books.equal(f"{key} lines in the ERP", items, minor(record["subtotal"]))
        books.equal(f"{key} total in the ERP", minor(record["subtotal"]) + minor(record["taxTotal"]), minor(record["total"]))
        shown = status.get(key)
        if shown is None:
            books.lost(f"document {key} is not shown in the CRM")
        else:
            books.equal(f"{key} gross in the CRM", minor(shown["Gross__c"]), row["gross"])
            books.equal(f"{key} open in the CRM", minor(shown["Open__c"]), row["open"])
        if record["tranId"] not in invoices:
            books.lost(f"document {key} is not shown in the PSA")
    for key in in_erp:
        books.doubled(f"document {key} is in the ERP, and not in the database")


def billed_once(books):
    """P2: a fee, a milestone or an expense is on one document only, whatever its key."""
    seen = Counter()
    for _, record in books.erp.all("transaction"):
        for item in record.get("item", {}).get("items", []):
            if item["custcol_line_kind"] in ONCE:
                seen[record["otherRefNum"], item["custcol_source"]] += 1
    for (contract, source), times in seen.items():
        books.count("things billed once")
        if times > 1:
            books.doubled(f"{contract} {source} is billed {times} times")


def journals(books):
    """Debit is credit, and a journal holds what the events say that stand behind it."""
    booked = {}
    for _, record in books.erp.all("transaction"):
        if record["_type"] != "journalEntry":
            continue
        key, currency = record["externalId"], record["currency"]["refName"]
        items = record["line"]["items"]
        debit = sum(books.firm.minor(item.get("debit") or 0, currency) for item in items)
        credit = sum(books.firm.minor(item.get("credit") or 0, currency) for item in items)
        books.count("journals")
        books.equal(f"{key} debit and credit", debit, credit)
        booked[key] = debit
    earned = defaultdict(list)
    for event in books.store.rows("SELECT journal_key, amount, state FROM revenue_event WHERE journal_key <> ''"):
        earned[event["journal_key"]].append(event)
    for key, events in earned.items():
        if key not in booked:
            if any(event["state"] == "POSTED" for event in events):
                books.lost(f"journal {key} is POSTED, and not in the books")
            continue
        books.equal(f"{key} amount", booked[key], sum(abs(event["amount"]) for event in events))


def events(books):
    """P6, P7: every event is published and handled once; what nobody of ours wrote had no effect."""
    told, handled = set(), set()
    for row in books.store.rows("SELECT id, type, published_at FROM outbox"):
        books.count("events")
        if row["published_at"] is None:
            books.lost(f"event {row['id']} is not published")
        if row["type"].startswith("strata.billing.document.changed."):
            told.add(row["id"])
    for row in books.store.rows("SELECT consumer, event_id FROM inbox"):
        handled.add(row["event_id"])
    dead = books.store.rows("SELECT event_id, reason FROM dead_letter")
    for identity in told - handled - {row["event_id"] for row in dead}:
        books.lost(f"event {identity} was handled by nobody")
    forged = [row for row in dead if row["event_id"].startswith("forged-")]
    books.count("forged messages put aside", len(forged))
    if len(forged) != books.forged:
        books.broken(f"{books.forged} messages were forged, {len(forged)} are dead letters")
    for row in dead:
        if not row["event_id"].startswith("forged-"):
            books.broken(f"event {row['event_id']} is a dead letter: {row['reason']}")
    for identity in handled - told:
        books.broken(f"event {identity} was handled, and nobody of ours wrote it")


def versions(books):
    """Versions of an entry rise without a gap."""
    found = defaultdict(list)
    for row in books.store.rows("SELECT entry_id, version FROM time_version"):
        found[row["entry_id"]].append(row["version"])
    for entry, numbers in found.items():
        books.count("time entries known")
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            books.broken(f"time {entry} has versions {sorted(numbers)}")


def sales(books):
    """Every won deal is an engagement, once."""
    won = [deal for _, deal in books.crm.all("Opportunity") if deal["StageName"] == "Closed Won"]
    ids = Counter(deal.get("Engagement_Id__c") for deal in won)
    for deal in won:
        books.count("deals won")
        if not deal.get("Engagement_Id__c"):
            books.lost(f"{deal['Name']} has no engagement")
    for identity, times in ids.items():
        if identity and times > 1:
            books.doubled(f"engagement {identity} belongs to {times} deals")


def expected(books):
    """Documents and payments are those that a calculation of its own says must come out."""
    in_erp = {}
    for _, record in books.erp.all("transaction"):
        if record["_type"] != "journalEntry":
            in_erp[record["externalId"]] = record
    for row in books.firm.all("expected_invoices"):
        advance = ":advance" if row["document"] == "advance" else ""
        key = f"inv:{row['contract_id']}:{row['period']}{advance}"
        record = in_erp.get(key)
        books.count("documents expected")
        if record is None:
            books.lost(f"document {key} of {row['gross']} {row['currency']} is not there")
            continue
        sign = -1 if record["_type"] == "creditMemo" else 1
        books.equal(
            f"{key} as expected",
            sign * books.firm.minor(record["total"], record["currency"]["refName"]),
            books.firm.minor(row["gross"], row["currency"]),
        )
    paid = Counter(record["externalId"] for _, record in books.erp.all("customerPayment"))
    for row in books.firm.all("payments"):
        books.count("payments")
        if paid[row["id"]] != 1:
            books.lost(f"payment {row['id']} is booked {paid[row['id']]} times")


ALL = [time, unique_at_vendors, ledger, documents, billed_once, journals, events, versions, sales, expected]
