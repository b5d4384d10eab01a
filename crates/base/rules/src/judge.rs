//! What the policies say.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PartialEntities, PartialEntityUid,
    PartialRequest, PolicySet, Request, RestrictedExpression, Schema,
};
use strata_contract::Whose;
use strata_identity::{CallerKind, Principal};

use crate::reach::{KINDS, Own, Reach, own};
use crate::{RulesError, files};

/// Principals whose reach is remembered. Beyond it all are forgotten, and worked out again.
const MOST: usize = 4_096;

static BUILT_IN: LazyLock<Rules> = LazyLock::new(|| Rules::load(None).expect("the policies that are built in fit their schema"));
static NAMES: LazyLock<Names> = LazyLock::new(Names::new);

/// The rules of a server. Cloning shares them.
#[derive(Clone)]
pub struct Rules(Arc<Inner>);

struct Inner {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    reaches: Mutex<HashMap<Arc<Principal>, Reach>>,
}

/// What policies say of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Ids of the policies that decided, in order. Empty with a refusal: no policy allows it.
    pub policies: Vec<String>,
}

/// Names of the schema, read once.
struct Names {
    caller: EntityTypeName,
    role: EntityTypeName,
    row: EntityTypeName,
    read: EntityUid,
    approve: EntityUid,
    a_row: EntityUid,
    a_proposal: EntityUid,
}

impl Names {
    fn new() -> Self {
        let kind = |name: &str| -> EntityTypeName { name.parse().expect("a name of the schema") };
        let thing = |name: &str, id: &str| EntityUid::from_type_name_and_id(kind(name), EntityId::new(id));
        Self {
            caller: kind("Strata::Caller"),
            role: kind("Strata::Role"),
            row: kind("Strata::Row"),
            read: thing("Strata::Action", "read"),
            approve: thing("Strata::Action", "approve"),
            a_row: thing("Strata::Row", "row"),
            a_proposal: thing("Strata::Proposal", "proposal"),
        }
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rules({} policies)", self.0.policies.policies().count())
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Rules {
    /// Those that this program was built with.
    pub fn built_in() -> Self {
        BUILT_IN.clone()
    }

    /// The same, with those of a folder beside them or in their place.
    ///
    /// # Errors
    /// Names the file, and the line in it, that cannot be used.
    pub fn load(dir: Option<&Path>) -> Result<Self, RulesError> {
        let schema = files::schema()?;
        let policies = files::read(dir, &schema)?;
        Ok(Self(Arc::new(Inner {
            policies,
            schema,
            authorizer: Authorizer::new(),
            reaches: Mutex::default(),
        })))
    }

    /// How far a principal sees. Worked out once for each.
    pub fn reach(&self, principal: &Arc<Principal>) -> Reach {
        let mut reaches = self.0.reaches.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = reaches.get(principal) {
            return known.clone();
        }
        if reaches.len() >= MOST {
            reaches.clear();
        }
        let reach = self.reach_of(principal);
        reaches.insert(Arc::clone(principal), reach.clone());
        reach
    }

    /// Whether a row may be shown to a principal.
    pub fn may_read(&self, principal: &Principal, row: &Whose) -> Verdict {
        let sets = [
            ("customers", &row.customers),
            ("legal_entities", &row.legal_entities),
            ("people", &row.people),
        ];
        let attributes = sets.map(|(name, held)| (name.to_owned(), texts(held)));
        self.ask(principal, &NAMES.read, &NAMES.a_row, attributes.into())
    }

    /// Whether a principal may approve what these did or proposed: subjects, or employee numbers. Empty ones are nobody.
    pub fn may_approve<'a>(&self, principal: &Principal, proposers: impl IntoIterator<Item = &'a str>) -> Verdict {
        let proposers = proposers.into_iter().filter(|name| !name.is_empty());
        let proposers: Vec<String> = proposers.map(str::to_owned).collect();
        let attributes = HashMap::from([("proposers".to_owned(), texts(&proposers))]);
        self.ask(principal, &NAMES.approve, &NAMES.a_proposal, attributes)
    }

    fn ask(
        &self,
        principal: &Principal,
        action: &EntityUid,
        resource: &EntityUid,
        attributes: HashMap<String, RestrictedExpression>,
    ) -> Verdict {
        let asked = || -> Result<Verdict, String> {
            let caller = caller(principal)?;
            let request = Request::new(caller.uid(), action.clone(), resource.clone(), Context::empty(), None);
            let request = request.map_err(words)?;
            let resource = Entity::new(resource.clone(), attributes, HashSet::new()).map_err(words)?;
            let entities = Entities::from_entities([caller, resource], None).map_err(words)?;
            let answer = self.0.authorizer.is_authorized(&request, &self.0.policies, &entities);
            // A policy that cannot be worked out is left out by Cedar. Left out, one that forbids would allow.
            if let Some(broken) = answer.diagnostics().errors().next() {
                return Err(broken.to_string());
            }
            let mut policies: Vec<String> = answer.diagnostics().reason().map(ToString::to_string).collect();
            policies.sort();
            Ok(Verdict {
                allowed: answer.decision() == Decision::Allow,
                policies,
            })
        };
        asked().unwrap_or_else(|broken| {
            tracing::error!(broken, "the policies cannot be worked out, so the answer is no");
            Verdict {
                allowed: false,
                policies: Vec::new(),
            }
        })
    }

    /// What is allowed without a look at any row: the policies are worked out with a row of which nothing is known.
    fn without_row(&self, principal: &Principal) -> Result<Option<Decision>, String> {
        let (names, schema) = (&*NAMES, &self.0.schema);
        let caller = caller(principal)?;
        let request = PartialRequest::new(
            PartialEntityUid::from_concrete(caller.uid()),
            names.read.clone(),
            PartialEntityUid::new(names.row.clone(), None),
            Some(Context::empty()),
            schema,
        );
        let request = request.map_err(words)?;
        let roles = roles(principal)
            .into_iter()
            .map(|role| Entity::new_no_attrs(role, HashSet::new()));
        let known = Entities::from_entities(roles.chain([caller]), None).map_err(words)?;
        let known = PartialEntities::from_concrete(known, schema).map_err(words)?;
        let answer = self.0.policies.tpe(&request, &known, schema).map_err(words)?;
        Ok(answer.decision())
    }

    fn reach_of(&self, principal: &Principal) -> Reach {
        match self.without_row(principal) {
            Ok(Some(Decision::Allow)) => return Reach::Every,
            Ok(_) => {}
            // Then each row is asked for: slower, and as safe.
            Err(broken) => tracing::error!(broken, "the policies cannot be worked out without a row"),
        }
        let own = own(principal, KINDS);
        let mut confined = Own::default();
        for kind in KINDS {
            let mut anothers = own.clone();
            if let Some(held) = anothers.of_kind(kind) {
                *held = ["somebody else's".to_owned()].into();
            }
            if !self.may_read(principal, &anothers).allowed {
                confined.confine(kind, principal);
            }
        }
        Reach::Rows(confined)
    }
}

fn texts<'a>(held: impl IntoIterator<Item = &'a String>) -> RestrictedExpression {
    RestrictedExpression::new_set(held.into_iter().map(|text| RestrictedExpression::new_string(text.clone())))
}

fn roles(principal: &Principal) -> HashSet<EntityUid> {
    let named = principal.roles.iter();
    named
        .map(|role| EntityUid::from_type_name_and_id(NAMES.role.clone(), EntityId::new(role)))
        .collect()
}

/// The principal as policies see it.
fn caller(principal: &Principal) -> Result<Entity, String> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let kind = match principal.kind {
        CallerKind::Person => "person",
        CallerKind::Service => "service",
        CallerKind::Development => "development",
    };
    let mut attributes = HashMap::from([
        ("subject".to_owned(), text(&principal.subject)),
        ("kind".to_owned(), text(kind)),
    ]);
    if let Some(customer) = &principal.customer {
        attributes.insert("customer".to_owned(), text(customer));
    }
    if !principal.legal_entities.is_empty() {
        attributes.insert("legal_entities".to_owned(), texts(&principal.legal_entities));
    }
    if let Some(employee) = &principal.employee {
        attributes.insert("employee".to_owned(), text(employee));
    }
    let uid = EntityUid::from_type_name_and_id(NAMES.caller.clone(), EntityId::new(&principal.subject));
    Entity::new(uid, attributes, roles(principal)).map_err(words)
}

fn words(broken: impl std::fmt::Display) -> String {
    broken.to_string()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
