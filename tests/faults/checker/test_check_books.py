"""The checker finds what is wrong: small books that agree, and one damage at a time."""

import argparse
import copy
import json
import sqlite3
import tempfile
import unittest
from pathlib import Path

import rules
from check_books import Books

TABLES = {
    "posting": "key, state",
    "document": "key, state, currency_code, net, tax, gross, open, credit_memo",
    "document_line": "document_key, minor_units",
    "revenue_event": "journal_key, amount, state",
    "outbox": "id, type, published_at",
    "inbox": "consumer, event_id",
    "dead_letter": "event_id, reason",
    "time_version": "entry_id, version",
    "exception": "object_id, state",
}
CHANGED = "strata.billing.document.changed.v1"


def whole():
    """Books of one hour, one fee, one journal and one payment."""
    project = {"_custom": {"Project Code": [1, "PR-1"]}}
    entry = {"notes": "TE-1", "time_in_minutes": 60, "approved": True, "workspace_id": 1}
    line = {"amount": 100.0, "custcol_line_kind": "fee", "custcol_source": "fee:CT-1:2025-01"}
    invoice = {
        "_type": "invoice", "externalId": "inv:CT-1:2025-01", "tranId": "INV-1", "otherRefNum": "CT-1", "subtotal": 100.0,
        "taxTotal": 19.0, "total": 119.0, "amountRemaining": 19.0, "currency": {"refName": "EUR"}, "item": {"items": [line]},
    }
    sides = [{"debit": 100.0}, {"credit": 100.0}]
    journal = {"_type": "journalEntry", "externalId": "rev:CT-1:2025-01", "currency": {"refName": "EUR"}, "line": {"items": sides}}
    return {
        "salesforce": {
            "Opportunity": {1: {"StageName": "Closed Won", "Name": "OP-1", "Engagement_Id__c": "eng_1"}},
            "Invoice_Status__c": {1: {"PSG_Key__c": "inv:CT-1:2025-01", "Gross__c": 119.0, "Open__c": 19.0}},
        },
        "kantata-ox": {
            "workspaces": {1: project},
            "time_entries": {7: entry},
            "invoices": {1: {"user_invoice_number": "INV-1"}},
        },
        "netsuite": {
            "timeBill": {1: {"externalId": "time:7:v1", "hours": "1:00"}},
            "transaction": {1: invoice, 2: journal},
            "customerPayment": {1: {"externalId": "PY-1"}},
        },
        "store": {
            "posting": [(key, "CONFIRMED") for key in ("time:7:v1", "inv:CT-1:2025-01", "rev:CT-1:2025-01")],
            "document": [("inv:CT-1:2025-01", "PART_PAID", "EUR", 10000, 1900, 11900, 1900, 0)],
            "document_line": [("inv:CT-1:2025-01", 10000)],
            "revenue_event": [("rev:CT-1:2025-01", 10000, "POSTED")],
            "outbox": [("evt_1", CHANGED, "2025-02-01")],
            "inbox": [("invoice-status", "evt_1")],
            "dead_letter": [],
            "time_version": [("7", 1)],
            "exception": [],
        },
        "firm": {
            "currencies": [{"code": "EUR", "exponent": 2}],
            "expected_invoices": [
                {"contract_id": "CT-1", "period": "2025-01", "document": "arrears", "gross": "119.00", "currency": "EUR"}
            ],
            "payments": [{"id": "PY-1"}],
        },
    }


def check(parts, forged=0):
    """Writes books down as they are found after a campaign, and checks them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for vendor in ("salesforce", "kantata-ox", "netsuite"):
            (root / vendor).mkdir()
            with (root / vendor / f"{vendor}.log").open("w") as log:
                for kind, records in parts[vendor].items():
                    for identity, record in records.items():
                        log.write(json.dumps({"rows": [[kind, identity, 0, 0, record]]}) + "\n")
        (root / "firm").mkdir()
        for name, rows in parts["firm"].items():
            (root / "firm" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        database = sqlite3.connect(root / "strata.db")
        for table, columns in TABLES.items():
            database.execute(f"CREATE TABLE {table} ({columns})")
            marks = ", ".join("?" * len(columns.split(",")))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", parts["store"][table])
        database.commit()
        database.close()
        arguments = argparse.Namespace(
            firm=root / "firm", sandbox=root, store=f"sqlite:{root / 'strata.db'}", psql=None, forged=forged
        )
        books = Books(arguments)
        for rule in rules.ALL:
            rule(books)
        books.store.lite.close()
        return books


class TheChecker(unittest.TestCase):
    def found(self, kind, damage):
        parts = copy.deepcopy(whole())
        damage(parts)
        books = check(parts)
        self.assertGreater(books.totals[kind], 0, books.findings)

    def test_books_that_agree(self):
        books = check(whole())
        self.assertEqual(books.findings, [])
        self.assertGreater(books.checks["amounts compared"], 9)

    def test_time_that_is_not_in_the_books(self):
        self.found("lost", lambda parts: parts["netsuite"]["timeBill"].clear())

    def test_time_that_waits_for_a_person_is_not_lost(self):
        parts = whole()
        parts["netsuite"]["timeBill"].clear()
        parts["store"]["posting"].pop(0)
        parts["store"]["exception"].append(("TE-1", "OPEN"))
        self.assertEqual(check(parts).findings, [])

    def test_time_that_is_there_twice(self):
        again = {"externalId": "time:7:v2", "hours": "1:00"}
        self.found("doubled", lambda parts: parts["netsuite"]["timeBill"].update({2: again}))

    def test_a_correction_counts_instead_of_what_it_corrects(self):
        def correct(parts, hours):
            entry = dict(parts["kantata-ox"]["time_entries"][7], notes="TC-1", time_in_minutes=30)
            entry["_custom"] = {"Supersedes Entry": [1, "7"]}
            parts["kantata-ox"]["time_entries"][8] = entry
            for number, (key, much) in enumerate((("time:7:v1:reversal", "-1:00"), ("time:7:v2", hours)), 2):
                parts["netsuite"]["timeBill"][number] = {"externalId": key, "hours": much}
                parts["store"]["posting"].append((key, "CONFIRMED"))

        parts = whole()
        correct(parts, "0:30")
        self.assertEqual(check(parts).findings, [])
        self.found("lost", lambda parts: correct(parts, "0:15"))

    def test_time_that_nobody_approved(self):
        self.found("doubled", lambda parts: parts["kantata-ox"]["time_entries"].clear())

    def test_a_fee_on_two_documents(self):
        def damage(parts):
            other = copy.deepcopy(parts["netsuite"]["transaction"][1])
            other["externalId"] = "inv:CT-1:2025-02"
            parts["netsuite"]["transaction"][3] = other

        self.found("doubled", damage)

    def test_a_document_that_is_not_in_the_erp(self):
        self.found("lost", lambda parts: parts["netsuite"]["transaction"].pop(1))

    def test_a_cent(self):
        self.found("difference", lambda parts: parts["netsuite"]["transaction"][1].update(total=119.01))
        self.found("difference", lambda parts: parts["salesforce"]["Invoice_Status__c"][1].update(Open__c=19.01))
        self.found("difference", lambda parts: parts["store"].update(document_line=[("inv:CT-1:2025-01", 9999)]))
        self.found("difference", lambda parts: parts["store"].update(revenue_event=[("rev:CT-1:2025-01", 9999, "POSTED")]))

    def test_a_journal_with_one_side(self):
        self.found("difference", lambda parts: parts["netsuite"]["transaction"][2]["line"]["items"].pop())

    def test_a_record_that_no_posting_knows(self):
        self.found("doubled", lambda parts: parts["store"]["posting"].pop())

    def test_a_posting_that_is_left(self):
        self.found("broken", lambda parts: parts["store"]["posting"].append(("time:8:v1", "UNKNOWN")))

    def test_a_client_that_is_there_twice(self):
        twice = {1: {"name": "One"}, 2: {"name": "One"}}
        self.found("doubled", lambda parts: parts["kantata-ox"].update(workspace_groups=twice))

    def test_an_event_that_nobody_handled(self):
        self.found("lost", lambda parts: parts["store"]["inbox"].clear())

    def test_an_event_that_is_not_published(self):
        self.found("lost", lambda parts: parts["store"].update(outbox=[("evt_1", CHANGED, None)]))

    def test_a_forged_message_that_had_an_effect(self):
        self.found("broken", lambda parts: parts["store"]["inbox"].append(("invoice-status", "forged-1")))

    def test_a_forged_message_that_nobody_put_aside(self):
        self.assertEqual(check(whole(), forged=1).totals["broken"], 1)

    def test_a_gap_in_the_versions(self):
        self.found("broken", lambda parts: parts["store"]["time_version"].append(("7", 3)))

    def test_a_payment_that_is_not_booked(self):
        self.found("lost", lambda parts: parts["netsuite"]["customerPayment"].clear())

    def test_a_deal_without_an_engagement(self):
        self.found("lost", lambda parts: parts["salesforce"]["Opportunity"][1].pop("Engagement_Id__c"))


if __name__ == "__main__":
    unittest.main()
