//! Rules of invoices, tax, currency, payments and intercompany work that hold for every input.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use strata_finance::effort::{Effort, HourlyRate};
use strata_finance::entries::accrual::accrue;
use strata_finance::entries::advance::{ContractEvent, contract_entries};
use strata_finance::entries::posting::{LedgerEntry, Side};
use strata_finance::fx::{
    BalanceItem, BalanceKind, Quote, convert, convert_by_division, convert_quoted, convert_through, divide_exact, multiply_exact,
    revalue, settle,
};
use strata_finance::intercompany::{
    Delivery, IntercompanySale, IntercompanyWork, TransferMethod, intercompany_invoices, intercompany_rows,
};
use strata_finance::invoice::{AllowanceCharge, AllowanceKind, DocumentAllowanceCharge, InvoiceLine, invoice_totals, priced};
use strata_finance::payment::{OpenItem, PaymentTerms, Receivable, apply, apply_in_turn, settle_within_tolerance};
use strata_finance::quantum::RoundingMode;
use strata_finance::tax::{
    Calculation, CodedLine, RoundingBy, TaxBase, TaxCategory, TaxCode, TaxRoundingRule, TaxTreatment, document_tax, rounded_tax,
    split_gross, tax_by_line,
};
use strata_kernel::{Currency, Date, Decimal, Money};

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["USD", "EUR", "JPY", "KWD", "CLF"]).prop_map(|code| Currency::parse(code).unwrap())
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap())
}

/// Any decimal, up to the limits of the type.
fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i128>(), 0_u32..=28).prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa >> 32, scale))
}

fn decimal(limit: i64, scale: u32) -> impl Strategy<Value = Decimal> {
    (-limit..limit).prop_map(move |mantissa| Decimal::new(mantissa, scale))
}

fn positive(limit: i64, scale: u32) -> impl Strategy<Value = Decimal> {
    (1..limit).prop_map(move |mantissa| Decimal::new(mantissa, scale))
}

fn standard() -> impl Strategy<Value = TaxTreatment> {
    prop::sample::select(vec![0_i64, 60, 70, 190, 255]).prop_map(|tenths| TaxTreatment {
        category: TaxCategory::Standard,
        percent: Decimal::new(tenths, 1),
    })
}

fn day(offset: u64) -> Date {
    Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(offset)
}

fn sum(amounts: impl IntoIterator<Item = Money>) -> i128 {
    amounts.into_iter().map(|amount| i128::from(amount.minor)).sum()
}

proptest! {
    #[test]
    fn tax_of_lines_adds_up_to_tax_of_the_document(
        lines in prop::collection::vec((standard(), -10_000_000_i64..10_000_000), 0..20),
    ) {
        let lines: Vec<(TaxTreatment, Money)> = lines.into_iter().map(|(tax, minor)| (tax, eur(minor))).collect();
        let (rows, shares) = (document_tax(&lines).unwrap(), tax_by_line(&lines).unwrap());
        for row in &rows {
            let of_row = lines.iter().zip(&shares).filter(|((tax, _), _)| *tax == row.treatment);
            prop_assert_eq!(sum(of_row.map(|(_, share)| *share)), i128::from(row.tax.minor));
        }
        prop_assert_eq!(sum(shares.iter().copied()), sum(rows.iter().map(|row| row.tax)));
        let credit: Vec<_> = lines.iter().map(|(tax, net)| (*tax, net.negated())).collect();
        let mirror: Vec<Money> = shares.iter().map(|share| share.negated()).collect();
        prop_assert_eq!(tax_by_line(&credit).unwrap(), mirror);
    }

    #[test]
    fn net_and_tax_make_the_gross(
        currency in currency(),
        lines in prop::collection::vec((decimal(100_000, 2), decimal(10_000_000, 4), positive(1_000, 0), standard()), 0..12),
        items in prop::collection::vec((any::<bool>(), -100_000_i64..100_000, standard()), 0..4),
        prepaid in -1_000_000_i64..1_000_000,
    ) {
        let lines: Vec<InvoiceLine> = lines
            .into_iter()
            .map(|(quantity, price, base_quantity, tax)| InvoiceLine { quantity, price, base_quantity, allowances_charges: Vec::new(), tax })
            .collect();
        let items: Vec<DocumentAllowanceCharge> = items
            .into_iter()
            .map(|(off, minor, tax)| DocumentAllowanceCharge {
                item: AllowanceCharge {
                    kind: if off { AllowanceKind::Allowance } else { AllowanceKind::Charge },
                    amount: Money::new(minor, currency),
                },
                tax,
            })
            .collect();
        let found = invoice_totals(currency, &lines, &items, Money::new(prepaid, currency), Money::zero(currency)).unwrap();
        prop_assert_eq!(sum(found.line_nets.iter().copied()), i128::from(found.net_lines.minor));
        prop_assert_eq!(found.net.minor, found.net_lines.minor + found.charges.minor - found.allowances.minor);
        prop_assert_eq!(sum(found.tax_rows.iter().map(|row| row.taxable)), i128::from(found.net.minor));
        prop_assert_eq!(sum(found.tax_rows.iter().map(|row| row.tax)), i128::from(found.tax.minor));
        prop_assert_eq!(found.net.minor + found.tax.minor, found.gross.minor);
        prop_assert_eq!(found.gross.minor - prepaid, found.payable.minor);
    }

    #[test]
    fn rounded_parts_make_the_total(
        lines in prop::collection::vec((decimal(10_000_000, 3), 0_usize..4), 0..10),
        by_line in any::<bool>(),
        by_code in any::<bool>(),
        in_itself in any::<bool>(),
        mode in prop::sample::select(vec![RoundingMode::Up, RoundingMode::Down, RoundingMode::HalfUp, RoundingMode::HalfEven]),
    ) {
        let codes = [vec![], vec![("a", 10)], vec![("a", 10), ("b", 7)], vec![("b", 7)]];
        let lines: Vec<CodedLine> = lines
            .into_iter()
            .map(|(net, which)| CodedLine {
                net,
                codes: codes[which]
                    .iter()
                    .map(|(code, percent)| TaxCode { code: (*code).to_owned(), percent: Decimal::from(*percent) })
                    .collect(),
            })
            .collect();
        let rule = TaxRoundingRule {
            calculation: if by_line { Calculation::Line } else { Calculation::Total },
            by: if by_code { RoundingBy::Code } else { RoundingBy::Combination },
            base: if in_itself { TaxBase::CalculatedPercent } else { TaxBase::Net },
            quantum: Decimal::new(5, 2),
            mode,
        };
        let found = rounded_tax(&lines, rule).unwrap();
        prop_assert_eq!(found.lines.iter().flatten().copied().sum::<Decimal>(), found.total);
        prop_assert_eq!(found.by_code.iter().map(|(_, tax)| *tax).sum::<Decimal>(), found.total);
    }

    #[test]
    fn a_gross_comes_apart_without_loss(minor in any::<i64>(), percent in positive(1_000, 1)) {
        if let Ok(split) = split_gross(eur(minor), percent) {
            prop_assert_eq!(i128::from(split.net.minor) + i128::from(split.tax.minor), i128::from(minor));
            prop_assert!(split.tax.minor == 0 || split.tax.minor.signum() == minor.signum());
        }
    }

    #[test]
    fn one_quote_converts_as_its_direction_says(
        minor in -1_000_000_000_i64..1_000_000_000,
        rate in positive(1_000_000_000, 6),
        from in currency(),
        to in currency(),
    ) {
        prop_assume!(from != to);
        let amount = Money::new(minor, from);
        let forward = Quote { base: from, counter: to, rate };
        let backward = Quote { base: to, counter: from, rate };
        prop_assert_eq!(convert_quoted(amount, forward, to).unwrap(), convert(amount, rate, to).unwrap());
        prop_assert_eq!(convert_quoted(amount, backward, to).unwrap(), convert_by_division(amount, rate, to).unwrap());
        prop_assert_eq!(convert_through(amount, &[forward, forward], from).unwrap(), amount, "there and back is exact");
    }

    #[test]
    fn a_revaluation_is_reversed_exactly(
        minor in -1_000_000_000_i64..1_000_000_000,
        booked_at in positive(10_000_000, 4),
        closing in positive(10_000_000, 4),
        paid_at in positive(10_000_000, 4),
        kind in prop::sample::select(BalanceKind::ALL.to_vec()),
        to in currency(),
    ) {
        let amount = eur(minor);
        let booked = convert(amount, booked_at, to).unwrap();
        let found = revalue(BalanceItem { kind, amount, booked }, closing).unwrap();
        prop_assert_eq!(found.difference.minor + found.reversal.minor, 0);
        prop_assert_eq!(booked.minor + found.difference.minor, found.closing.minor);
        prop_assert!(kind.is_monetary() || found.difference.minor == 0);
        let paid = settle(amount, booked, paid_at).unwrap();
        prop_assert_eq!(booked.minor + paid.realized.minor, paid.settled.minor);
    }

    #[test]
    fn money_is_never_lost_between_payment_and_documents(
        documents in prop::collection::vec((0_u64..60, 0_i64..100_000), 0..8),
        payments in prop::collection::vec(0_i64..200_000, 0..6),
        named in prop::collection::vec(0_usize..8, 0..4),
    ) {
        let mut items: Vec<OpenItem> = documents
            .iter()
            .enumerate()
            .map(|(index, (due, gross))| OpenItem {
                number: index.to_string(),
                due_date: day(*due),
                receivable: Receivable::posted(eur(*gross)),
            })
            .collect();
        let remittance: Vec<String> = named.iter().filter(|index| **index < items.len()).map(ToString::to_string).collect();
        for payment in payments {
            let before = sum(items.iter().map(|item| item.receivable.open().unwrap()));
            let applied = apply(eur(payment), &mut items, &remittance).unwrap();
            let spent = sum(applied.applications.iter().map(|part| part.amount));
            prop_assert_eq!(spent + i128::from(applied.unapplied.minor), i128::from(payment));
            let after = sum(items.iter().map(|item| item.receivable.open().unwrap()));
            prop_assert_eq!(before - after, spent);
            for item in &items {
                let open = item.receivable.open().unwrap().minor;
                prop_assert!(open >= 0 && open <= item.receivable.gross.minor);
            }
            let reachable = |item: &&OpenItem| remittance.is_empty() || remittance.contains(&item.number);
            let left = sum(items.iter().filter(reachable).map(|item| item.receivable.open().unwrap()));
            prop_assert!(applied.unapplied.minor == 0 || left == 0, "money stays only when nothing is open");
        }
    }

    #[test]
    fn payments_taken_back_leave_the_document_as_it_was(
        gross in -100_000_i64..100_000,
        payments in prop::collection::vec(-50_000_i64..50_000, 0..8),
    ) {
        let mut document = Receivable::posted(eur(gross));
        let amounts: Vec<Money> = payments.iter().map(|minor| eur(*minor)).collect();
        let steps = apply_in_turn(&mut document, &amounts).unwrap();
        let mut paid = 0;
        for (step, payment) in steps.iter().zip(&payments) {
            paid += payment;
            prop_assert_eq!(gross - step.open.minor + step.unapplied.minor, paid);
            prop_assert!(step.open.minor == 0 || step.open.minor.signum() == gross.signum());
            prop_assert!(step.open.minor.abs() <= gross.abs());
        }
        let rest = document.applied.negated();
        document.apply(rest).unwrap();
        prop_assert_eq!(document, Receivable::posted(eur(gross)));
    }

    #[test]
    fn a_settlement_accounts_for_every_cent(
        invoice in 0_i64..1_000_000,
        discount in 0_i64..50_000,
        tolerance in 0_i64..1_000,
        payment in 0_i64..1_100_000,
        paid in 0_u64..30,
        accept_late_discount in any::<bool>(),
    ) {
        let terms = PaymentTerms {
            discount: eur(discount.min(invoice)),
            discount_date: Some(day(10)),
            discount_grace_date: Some(day(20)),
            accept_late_discount,
            max_tolerance: eur(tolerance),
        };
        let found = settle_within_tolerance(eur(invoice), terms, eur(payment), day(paid)).unwrap();
        let explained = found.discount.minor + found.tolerance.minor + found.remaining_on_invoice.minor - found.remaining_on_payment.minor;
        prop_assert_eq!(invoice - payment, explained);
        prop_assert!(found.tolerance.minor.abs() <= tolerance);
        prop_assert_eq!(found.closed, found.remaining_on_invoice.minor == 0 && found.remaining_on_payment.minor == 0);
        let mirror = settle_within_tolerance(eur(-invoice), terms, eur(-payment), day(paid)).unwrap();
        prop_assert_eq!(mirror.tolerance, found.tolerance.negated());
    }

    #[test]
    fn debits_are_credits_in_every_currency(
        minutes in -10_000_i64..10_000,
        cost in positive(100_000, 2),
        bill in positive(100_000, 2),
        cost_currency in currency(),
        events in prop::collection::vec((0_u8..3, any::<i32>()), 0..10),
    ) {
        let hourly = |rate, currency| HourlyRate { rate, currency };
        let accrual = accrue(Effort::minutes(minutes).unwrap(), hourly(cost, cost_currency), hourly(bill, eur(0).currency)).unwrap();
        let events: Vec<ContractEvent> = events
            .into_iter()
            .map(|(kind, minor)| {
                let of = [ContractEvent::Advance, ContractEvent::Revenue, ContractEvent::Invoice];
                of[usize::from(kind)](eur(i64::from(minor)))
            })
            .collect();
        let entries: Vec<LedgerEntry> = accrual.entries().into_iter().chain(contract_entries(&events)).collect();
        let mut sides: BTreeMap<Currency, i128> = BTreeMap::new();
        for row in entries.iter().flat_map(|entry| entry.rows()) {
            let amount = i128::from(row.amount.minor);
            *sides.entry(row.amount.currency).or_default() += if row.side == Side::Debit { amount } else { -amount };
        }
        prop_assert!(sides.values().all(|difference| *difference == 0));
    }

    #[test]
    fn both_entities_see_one_transfer_price(
        sales in prop::collection::vec((-600_i64..600, 0_u64..90, any::<bool>()), 0..12),
        percent in positive(1_500, 1),
        rate in positive(100_000, 2),
    ) {
        let hourly = |code: &str| HourlyRate { rate, currency: Currency::parse(code).unwrap() };
        let mut booked = Vec::new();
        for (index, (minutes, offset, there)) in sales.into_iter().enumerate() {
            let rows = intercompany_rows(&IntercompanyWork {
                effort: Effort::minutes(minutes).unwrap(),
                cost: hourly("GBP"),
                transfer: TransferMethod::PercentOfBill(percent),
                bill: Some(hourly("USD")),
            }).unwrap();
            prop_assert_eq!(rows.lending[1].amount, rows.borrowing[0].amount);
            let pair = if there { ("UK", "US") } else { ("DE", "US") };
            booked.push(IntercompanySale {
                source_id: index.to_string(),
                delivery: Delivery { delivering: pair.0.to_owned(), contracting: pair.1.to_owned() },
                posted_on: day(offset),
                amount: rows.lending[1].amount,
            });
        }
        let invoices = intercompany_invoices(&booked).unwrap();
        prop_assert_eq!(sum(invoices.iter().map(|invoice| invoice.amount)), sum(booked.iter().map(|sale| sale.amount)));
        prop_assert_eq!(invoices.iter().map(|invoice| invoice.sources.len()).sum::<usize>(), booked.len());
    }

    #[test]
    fn no_number_makes_a_panic(
        one in any_decimal(),
        other in any_decimal(),
        minor in any::<i64>(),
        second in any::<i64>(),
        from in currency(),
        to in currency(),
    ) {
        let amount = Money::new(minor, from);
        let treatment = TaxTreatment { category: TaxCategory::Standard, percent: one };
        let lines = [(treatment, amount), (treatment, Money::new(second, from))];
        let rule = TaxRoundingRule {
            calculation: Calculation::Total,
            by: RoundingBy::Combination,
            base: TaxBase::CalculatedPercent,
            quantum: other,
            mode: RoundingMode::Up,
        };
        let coded = |net| CodedLine { net, codes: vec![TaxCode { code: "a".to_owned(), percent: other }] };
        let mut document = Receivable::posted(amount);
        let item = BalanceItem { kind: BalanceKind::Receivable, amount, booked: Money::new(second, to) };
        let refusals = [
            priced(one, other, one, from).err(),
            tax_by_line(&lines).err(),
            split_gross(amount, one).err(),
            rounded_tax(&[coded(one), coded(other)], rule).err(),
            multiply_exact(one, other, other).err(),
            divide_exact(one, other, one).err(),
            convert_through(amount, &[Quote { base: from, counter: to, rate: one }], to).err(),
            revalue(item, other).err(),
            document.apply(Money::new(second, from)).err(),
            document.credit(Money::new(second, from)).err(),
            document.write_off(Money::new(second, from)).err(),
            Effort::hours(one).price(HourlyRate { rate: other, currency: from }, one).err(),
        ];
        for refusal in refusals.into_iter().flatten() {
            let known = ["AMOUNT_OVERFLOW", "FX_RATE_INVALID", "FX_RATE_MISSING", "INVALID_FIELD"];
            prop_assert!(known.contains(&refusal.reason), "{}", refusal);
        }
    }
}
