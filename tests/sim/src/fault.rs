//! What can go wrong, and how often in one seed.

use crate::chance::Chance;

/// A kind of fault. Each is counted; a run of many seeds in which one never struck proves nothing about it, and fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A call does not reach the other server.
    CallRefused,
    /// A call is carried out, and its answer is lost.
    AnswerLost,
    /// A call waits until its deadline, and is never carried out.
    LateBefore,
    /// A call is carried out, and answered after its deadline.
    LateAfter,
    /// A vendor refuses for now: nothing was carried out.
    VendorBusy,
    /// A vendor's answer to a write is lost; the write did not happen.
    UnknownNotDone,
    /// A vendor's answer to a write is lost; the write happened.
    UnknownDone,
    /// A vendor's answer to a write is lost; the write happens later.
    DoneLater,
    /// A vendor carries a write out again, later.
    DoneTwice,
    /// A look-up does not show a record yet.
    LookUpBlind,
    /// A feed tells records again.
    FeedRepeats,
    /// A feed holds records back for a while.
    FeedHolds,
    /// A posting meets a closed period.
    PeriodClosed,
    /// The database refuses a unit of work for now.
    StoreBusy,
    /// A transaction is stored, and its answer is lost.
    CommitUnanswered,
    /// A process server is killed at a call.
    KilledAtCall,
    /// A process server is killed at a read or before a transaction.
    KilledAtStore,
    /// A process server is killed between a commit and what follows.
    KilledAfterCommit,
    /// A process server is killed while it starts.
    KilledStarting,
    /// A process server stands still for longer than its lease, then goes on.
    StoodStill,
    /// An event is handed over twice.
    EventTwice,
    /// An event was taken, and the relay does not hear of it.
    EventUnheard,
    /// An event is claimed, and not handed over.
    EventNotHanded,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 23] = [
        Self::CallRefused,
        Self::AnswerLost,
        Self::LateBefore,
        Self::LateAfter,
        Self::VendorBusy,
        Self::UnknownNotDone,
        Self::UnknownDone,
        Self::DoneLater,
        Self::DoneTwice,
        Self::LookUpBlind,
        Self::FeedRepeats,
        Self::FeedHolds,
        Self::PeriodClosed,
        Self::StoreBusy,
        Self::CommitUnanswered,
        Self::KilledAtCall,
        Self::KilledAtStore,
        Self::KilledAfterCommit,
        Self::KilledStarting,
        Self::StoodStill,
        Self::EventTwice,
        Self::EventUnheard,
        Self::EventNotHanded,
    ];

    /// How often it may strike where it can, in thousandths: rare enough that work goes on.
    fn most(self) -> u64 {
        match self {
            Self::CallRefused | Self::AnswerLost | Self::VendorBusy | Self::StoreBusy | Self::CommitUnanswered => 20,
            Self::LateBefore | Self::LateAfter => 10,
            Self::FeedRepeats | Self::FeedHolds => 200,
            Self::LookUpBlind => 700,
            Self::UnknownNotDone | Self::UnknownDone | Self::DoneLater | Self::DoneTwice => 120,
            Self::EventTwice | Self::EventUnheard | Self::EventNotHanded => 250,
            // These do not strike by themselves: whoever lives the year brings them about.
            Self::PeriodClosed
            | Self::KilledAtCall
            | Self::KilledAtStore
            | Self::KilledAfterCommit
            | Self::KilledStarting
            | Self::StoodStill => 0,
        }
    }
}

/// How often each kind of fault strikes in one seed.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    thousandths: [u64; Fault::ALL.len()],
    /// Vendors keep keys unique: a write that comes again makes nothing new, so it may also come late or twice, and a look-up
    /// may be blind for a while. Without it a vendor does what it is told as often as it is told, at once, and shows it.
    pub(crate) unique_keys: bool,
    /// Process servers on the database.
    pub(crate) instances: usize,
    /// A turn of a server is cut short in one of so many.
    pub(crate) kills: u64,
    /// A cut is a standstill in one of so many. 0: never.
    pub(crate) stands: u64,
}

impl Plan {
    /// Half of the kinds, each more or less often: rare faults are seen beside many others, and alone.
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let unique_keys = chance.one_in(2);
        let instances = if chance.one_in(3) { 2 } else { 1 };
        let mut thousandths = [0; Fault::ALL.len()];
        for (rate, fault) in thousandths.iter_mut().zip(Fault::ALL) {
            let on = chance.one_in(2);
            let much = chance.between(1, fault.most().max(1));
            let needs_keys = matches!(fault, Fault::DoneLater | Fault::DoneTwice | Fault::LookUpBlind);
            if on && fault.most() > 0 && (unique_keys || !needs_keys) {
                *rate = much;
            }
        }
        Self {
            thousandths,
            unique_keys,
            instances,
            kills: chance.between(2, 6),
            // Who stood still may still send what another has sent: only unique keys keep that single.
            stands: if instances > 1 && unique_keys { 2 } else { 0 },
        }
    }

    /// How often a fault strikes where it can, in thousandths.
    pub(crate) fn rate(&self, fault: Fault) -> u64 {
        let at = Fault::ALL.iter().position(|one| *one == fault);
        at.map_or(0, |at| self.thousandths[at])
    }
}
