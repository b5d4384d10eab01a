//! Words of the tiers below, and the values they have in the contract.
//!
//! The value of a word is named like it: "invoice posted" is `EVENT_TYPE_INVOICE_POSTED`. So a new value is written once, in the contract.

use strata_contract::strata::experience::delivery::v2::{EventType, InvoiceState, RecordState, RecordType};

/// What happened.
pub(crate) const EVENTS: Words<EventType> = Words {
    prefix: "EVENT_TYPE_",
    gap: " ",
    name: EventType::as_str_name,
    value: EventType::from_str_name,
};

/// Kinds of records.
pub(crate) const RECORDS: Words<RecordType> = Words {
    prefix: "RECORD_TYPE_",
    gap: "_",
    name: RecordType::as_str_name,
    value: RecordType::from_str_name,
};

/// States of records.
pub(crate) const STATES: Words<RecordState> = Words {
    prefix: "RECORD_STATE_",
    gap: "_",
    name: RecordState::as_str_name,
    value: RecordState::from_str_name,
};

/// States of invoices.
pub(crate) const INVOICES: Words<InvoiceState> = Words {
    prefix: "INVOICE_STATE_",
    gap: "_",
    name: InvoiceState::as_str_name,
    value: InvoiceState::from_str_name,
};

/// How the values of an enum are said in words.
#[derive(Debug)]
pub(crate) struct Words<E> {
    prefix: &'static str,
    /// What stands between two words.
    gap: &'static str,
    name: fn(&E) -> &'static str,
    value: fn(&str) -> Option<E>,
}

impl<E: TryFrom<i32> + Into<i32> + Copy> Words<E> {
    /// The value that a word has, and the word itself when it has none.
    pub(crate) fn read(&self, word: String) -> (i32, String) {
        let name = format!("{}{}", self.prefix, word.replace(self.gap, "_").to_uppercase());
        let value = (self.value)(&name).filter(|value| self.word(*value) == word);
        match value {
            Some(value) => (value.into(), String::new()),
            None => (0, word),
        }
    }

    /// The word of a value; of 0, and of a value that we do not know, what stands beside it.
    pub(crate) fn write(&self, value: i32, other: String) -> String {
        match E::try_from(value) {
            Ok(known) if value != 0 => self.word(known),
            _ => other,
        }
    }

    /// Empty for the value that says nothing.
    fn word(&self, value: E) -> String {
        if value.into() == 0 {
            return String::new();
        }
        let name = (self.name)(&value);
        name.trim_start_matches(self.prefix).to_lowercase().replace('_', self.gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_has_a_value_is_told_by_it_alone() {
        assert_eq!(
            EVENTS.read("invoice posted".into()),
            (EventType::InvoicePosted.into(), String::new())
        );
        assert_eq!(RECORDS.read("rate_card".into()), (RecordType::RateCard.into(), String::new()));
        assert_eq!(STATES.write(RecordState::PartPaid.into(), String::new()), "part_paid");
    }

    #[test]
    fn every_other_word_stays_as_it_is() {
        for word in ["", "unspecified", "Invoice posted", "invoice_posted", "moon landed", "ß"] {
            assert_eq!(EVENTS.read(word.into()), (0, word.to_owned()), "{word}");
            assert_eq!(EVENTS.write(0, word.into()), word);
        }
        assert_eq!(INVOICES.write(99, String::new()), "");
    }
}
