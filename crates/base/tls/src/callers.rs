//! Which process is which, and which may call what.

use serde::Deserialize;
use strata_contract::strata::options::v1::Tier;

/// URIs of processes, by what they are. A certificate has exactly one. Default: `spiffe://strata/` and the kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Callers {
    /// Programs of others that call the experience tier.
    pub portal: Vec<String>,
    /// Servers of the experience tier.
    pub experience: Vec<String>,
    /// Servers of the process tier.
    pub process: Vec<String>,
    /// The command line and whatever else runs the platform. They may call every tier, as far as their token goes.
    pub operator: Vec<String>,
}

/// What a calling process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A program of others.
    Portal,
    /// A server of the experience tier.
    Experience,
    /// A server of the process tier.
    Process,
    /// The command line and the like.
    Operator,
}

impl Default for Callers {
    fn default() -> Self {
        let own = |kind: &str| vec![format!("spiffe://strata/{kind}")];
        Self {
            portal: own("portal"),
            experience: own("experience"),
            process: own("process"),
            operator: own("operator"),
        }
    }
}

impl Callers {
    /// What a process is. None: nobody said it.
    pub fn kind(&self, uri: &str) -> Option<Kind> {
        let kinds = [Kind::Portal, Kind::Experience, Kind::Process, Kind::Operator];
        let mut lists = self.all().into_iter().zip(kinds);
        lists
            .find(|((_, uris), _)| uris.iter().any(|known| known == uri))
            .map(|(_, kind)| kind)
    }

    /// The URIs of each kind, by the kind's key.
    pub(crate) fn all(&self) -> [(&'static str, &[String]); 4] {
        [
            ("portal", &self.portal),
            ("experience", &self.experience),
            ("process", &self.process),
            ("operator", &self.operator),
        ]
    }
}

impl Kind {
    /// Whether such a process may call services of a tier. Each tier is called from the tier above it, and by operators.
    pub fn may_call(self, tier: Tier) -> bool {
        match self {
            Self::Operator => true,
            Self::Portal => tier == Tier::Experience,
            Self::Experience => matches!(tier, Tier::Process | Tier::Master),
            Self::Process => matches!(tier, Tier::System | Tier::Master),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tier_is_called_from_the_one_above_and_by_operators() {
        let tiers = [Tier::Experience, Tier::Process, Tier::Master, Tier::System, Tier::Development];
        let may = |kind: Kind| tiers.map(|tier| kind.may_call(tier));
        assert_eq!(may(Kind::Portal), [true, false, false, false, false]);
        assert_eq!(may(Kind::Experience), [false, true, true, false, false]);
        assert_eq!(may(Kind::Process), [false, false, true, true, false]);
        assert_eq!(may(Kind::Operator), [true; 5]);
        for kind in [Kind::Portal, Kind::Experience, Kind::Process] {
            assert!(!kind.may_call(Tier::Unspecified), "{kind:?}");
        }
    }

    #[test]
    fn a_uri_is_compared_as_a_whole() {
        let callers = Callers::default();
        assert_eq!(callers.kind("spiffe://strata/process"), Some(Kind::Process));
        for other in [
            "spiffe://strata/process/",
            "spiffe://strata/Process",
            "spiffe://strata",
            "process",
            "",
        ] {
            assert_eq!(callers.kind(other), None, "{other}");
        }
    }
}
