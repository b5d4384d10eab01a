//! Builds a server from its services.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Request, Response};
use strata_contract::Policies;
use strata_identity::Guard;
use strata_kernel::{Clock, SystemClock};
use strata_rules::Rules;
use strata_tls::ServerTls;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::Service;

use crate::connection::Door;
use crate::consumers::{Consumers, ContractServer, Timed};
use crate::layer::admission::Admission;
use crate::layer::audit::AuditLog;
use crate::layer::authenticate::Inside;
use crate::layer::deprecation::Announcer;
use crate::layer::limit::{Gate, take_place};
use crate::layer::rate::Budgets;
use crate::layer::rows::RowRules;
use crate::layer::{audit, authenticate, deadline, panics, peer, redact, rows, scope, size, trace};
use crate::next::Next;
use crate::places::Places;
use crate::reflection::{self, Late};
use crate::settings::fixed;
use crate::sight::Sights;
use crate::{RpcError, ServerSettings, Transport, accept, client, edge};

/// Collects the services of a server.
#[derive(Debug)]
pub struct ServerBuilder {
    settings: ServerSettings,
    guard: Guard,
    rules: Rules,
    routes: Routes,
    names: Vec<&'static str>,
    policies: Arc<Policies>,
    audit: Option<AuditLog>,
    tls: Option<ServerTls>,
    clock: Timed,
}

/// A server, ready to be called in process, served over TCP, or both. Clones share it.
#[derive(Clone)]
pub struct Server {
    stack: Next,
    settings: Arc<ServerSettings>,
    guard: Guard,
    tls: Option<ServerTls>,
    health: HealthReporter,
    names: Arc<[&'static str]>,
}

impl ServerBuilder {
    /// A server without services yet. It lets everybody in, and so listens on this machine only, until it has a guard.
    pub fn new(settings: ServerSettings) -> Self {
        Self {
            settings,
            guard: Guard::default(),
            rules: Rules::built_in(),
            routes: Routes::default(),
            names: Vec::new(),
            policies: Policies::built_in(),
            audit: None,
            tls: None,
            clock: Timed(Arc::new(SystemClock)),
        }
    }

    /// Acts on other policies than those the program was built with.
    #[must_use]
    pub fn policies(mut self, policies: Policies) -> Self {
        self.policies = Arc::new(policies);
        self
    }

    /// Says who is let in over TCP. What comes from this process needs no token.
    #[must_use]
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// Encrypts what comes over TCP, and lets in the processes that it says. None: plain text.
    #[must_use]
    pub fn tls(mut self, tls: Option<ServerTls>) -> Self {
        self.tls = tls;
        self
    }

    /// Says whose rows a caller sees, and what it may approve. Without, the policies that are built in say it.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Writes calls whose contract says `audit` down in a log. Without one a server with such a method is not built.
    #[must_use]
    pub fn audited(mut self, log: AuditLog) -> Self {
        self.audit = Some(log);
        self
    }

    /// By whose time calls are told. Without one: the machine's.
    #[must_use]
    pub fn timed(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Timed(clock);
        self
    }

    /// Adds a generated service. How large its messages may be, its contract says.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.names.push(S::NAME);
        self.routes = self.routes.add_service(service);
        self
    }

    /// Adds what it tells of its callers, health and reflection, and puts the layers around everything.
    pub async fn build(self) -> Result<Server, RpcError> {
        let consumers = Consumers::new(self.policies.clone(), self.clock.clone());
        let this = self.add_service(ContractServer::service(consumers.clone()));
        this.layered(consumers).await
    }

    async fn layered(self, consumers: Arc<Consumers>) -> Result<Server, RpcError> {
        if self.audit.is_none()
            && let Some(path) = audited_of(&self.names)
        {
            return Err(RpcError::NotAudited(path));
        }
        let (health, health_service) = tonic_health::server::health_reporter();
        for name in &self.names {
            health.set_service_status(*name, ServingStatus::Serving).await;
        }
        let names: Vec<&'static str> = self.names.iter().copied().chain([HEALTH]).collect();
        let (v1, v1alpha) = (names.clone(), names);
        let routes = self
            .routes
            .add_service(health_service)
            .add_service(Late::new(move || reflection::of(v1).build_v1()))
            .add_service(Late::new(move || reflection::of(v1alpha).build_v1alpha()))
            .prepare();
        // Innermost first. A panic is caught inside the deadline, so that it ends the call and not the
        // connection; so is what refuses for load, because a caller's time runs while its call waits for a place; a
        // caller's budget is spent before a place of all is taken, and only by who may call; the audit log has the digest of the
        // answer as its caller saw it; the trace is around all, so that every refusal has its span and its correlation id.
        let policies = self.policies;
        let (admission, budgets) = (
            Admission::new(&self.settings, policies.clone()),
            Budgets::new(self.settings.rates, policies.clone()),
        );
        let (announcer, scopes, timed) = (
            Announcer::new(policies.clone(), consumers),
            policies.clone(),
            policies.clone(),
        );
        let (guard, sights) = (self.guard.clone(), Sights::new(policies.clone()));
        let (sized, processes) = (policies.clone(), policies.clone());
        let confined = RowRules::new(self.rules, policies.clone());
        let stack = Next::new(routes)
            .within(panics::catch)
            .within(move |request, next| rows::confine(confined.clone(), request, next))
            .within(move |request, next| redact::redact(sights.clone(), request, next));
        let stack = match self.audit {
            Some(log) => stack.within(move |request, next| audit::keep(log.clone(), policies.clone(), request, next)),
            None => stack,
        };
        let stack = stack
            .within(move |request, next| admission.clone().admit(request, next))
            .behind(move |request| budgets.spend(request))
            .within(take_place)
            .behind(move |request| {
                size::bound(&sized, request);
                Ok(())
            })
            .within(move |request, next| deadline::enforce(timed.clone(), request, next))
            .within(move |request, next| announcer.clone().announce(request, next))
            .behind(move |request| scope::check(&scopes, request))
            .within(move |request, next| authenticate::authenticate(guard.clone(), request, next))
            .behind(move |request| peer::check(&processes, request))
            .within(trace::follow);
        Ok(Server {
            stack,
            settings: Arc::new(self.settings),
            guard: self.guard,
            tls: self.tls,
            health,
            names: self.names.into(),
        })
    }
}

const HEALTH: &str = "grpc.health.v1.Health";

/// The first audited method of services, by name.
fn audited_of(names: &[&str]) -> Option<&'static str> {
    let mut audited: Vec<&str> = strata_contract::methods()
        .filter(|(path, policy)| policy.audit && names.iter().any(|name| path[1..].split('/').next() == Some(*name)))
        .map(|(path, _)| path)
        .collect();
    audited.sort_unstable();
    audited.first().copied()
}

impl Server {
    /// A transport into this server without a socket. Each one counts as a connection of its own.
    pub fn in_process(&self) -> Transport {
        let gate = Gate::new(fixed::CALLS_IN_PROCESS, fixed::QUEUE_IN_PROCESS);
        let stack = self.stack.clone().behind(move |request| {
            request.extensions_mut().insert(gate.clone());
            request.extensions_mut().insert(Inside);
            Ok(())
        });
        client::carry(stack)
    }

    /// Opens a listening socket. Refuses an address that other machines can reach unless the settings allow it, and in development
    /// always.
    pub async fn bind(&self, address: SocketAddr) -> Result<TcpListener, RpcError> {
        self.check(address)?;
        accept::bind(address, &self.settings).await
    }

    fn check(&self, address: SocketAddr) -> Result<(), RpcError> {
        accept::check(address, &self.settings)?;
        if self.guard.may_listen(address) {
            Ok(())
        } else {
            Err(RpcError::Development(address))
        }
    }

    /// Serves until `shutdown` is done: then says NOT_SERVING, takes no more connections, and lets calls in
    /// flight end within the drain time.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<(), RpcError> {
        let address = listener.local_addr()?;
        self.check(address)?;
        if matches!(self.guard, Guard::Development) {
            tracing::warn!(
                server.address = %address,
                "DEVELOPMENT: whoever calls is let in as \"development\" and may do everything; identity.mode = \"jwt\" asks for tokens"
            );
        }
        if self.tls.is_none() && !address.ip().is_loopback() {
            tracing::warn!(
                server.address = %address,
                "PLAIN TEXT: tokens and records can be read on the way; set tls.certificate_file, or put what ends TLS before this server"
            );
        }
        let door = Arc::new(Door {
            stack: edge::browsers(self.stack.clone(), &self.settings),
            settings: self.settings.clone(),
            tls: self.tls.clone(),
            places: Places::new(self.settings.connections_per_peer),
        });
        let names = self.names.join(", ");
        tracing::info!(server.address = %address, services = names, tls = self.tls.is_some(), "serving");
        let notice = async {
            self.set_serving(false).await;
            tokio::time::sleep(self.settings.drain_notice()).await;
        };
        accept::run(listener, door, shutdown, notice).await;
        tracing::info!(server.address = %address, "served");
        Ok(())
    }

    /// Says of every service, and of the server as a whole, whether it serves.
    pub async fn set_serving(&self, serving: bool) {
        let status = if serving {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        for name in self.names.iter().copied().chain([""]) {
            self.health.set_service_status(name, status).await;
        }
    }

    /// The settings it was built with.
    pub fn settings(&self) -> &ServerSettings {
        &self.settings
    }
}
