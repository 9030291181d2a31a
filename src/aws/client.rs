//! The door to the network, the only one that keyward has.
//!
//! Nothing is opened before a command asks for it: neither the runtime nor a socket. A client for a leaked pair is made
//! by hand from the pair, so that no profile, variable or machine can put itself in its place; the responder's clients
//! come from the chain that all tools of AWS follow. The environment is read by the SDK here, as those tools do
//! (`AWS_PROFILE`, `AWS_ENDPOINT_URL`, `HTTPS_PROXY`, ...).

use super::Pair;
use super::endpoint::Endpoint;
use crate::config::respond::{Access, Partition, Responder};
use crate::error::{Error, Result};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use std::path::Path;
use std::time::Duration;

/// How often a question is put that gets no answer, or a "not now".
pub const ATTEMPTS: u32 = 3;

/// How the SDK behaves; a later version is a decision, not an accident.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// What is needed to ask AWS something.
#[derive(Debug)]
pub struct Client {
    /// Until the client is dropped.
    runtime: Option<tokio::runtime::Runtime>,
    shared: SdkConfig,
    http: SharedHttpClient,
    plain_http: SharedHttpClient,
    timeout: Duration,
    act: Act,
    sts: Endpoint,
    iam: Endpoint,
}

/// What keyward does, as its User-Agent says, so that whoever reads the account's log knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Asks whether a key is live.
    Verify,
    /// Asks whose a key is, and what it may do.
    Triage,
    /// Switches a key off, or on again.
    Deactivate,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Triage => "triage",
            Self::Deactivate => "deactivate",
        }
    }
}

impl Client {
    /// A client that reaches AWS as `access` says; nothing is sent yet.
    ///
    /// # Errors
    /// Where an endpoint is not to be used, or a file of certificates cannot be.
    pub fn open(access: &Access, act: Act) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new("could not get ready for the network").because(error))?;
        let http = http(&tls(access.authorities.as_deref())?, &ProxyConfig::from_env());
        let plain_http = http_of_this_machine();
        let shared = runtime.block_on(shared(access, &http));
        let sts = endpoint(&shared, "STS")?;
        let iam = endpoint(&shared, "IAM")?;
        Ok(Self { runtime: Some(runtime), shared, http, plain_http, timeout: access.timeout, act, sts, iam })
    }

    /// What becomes of `future`; this thread waits for it.
    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        match &self.runtime {
            Some(runtime) => runtime.block_on(future),
            None => unreachable!("the runtime is there until the client is dropped"),
        }
    }

    /// How long one answer may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Where STS is asked.
    #[must_use]
    pub fn sts_endpoint(&self) -> &Endpoint {
        &self.sts
    }

    /// Where IAM is asked.
    #[must_use]
    pub fn iam_endpoint(&self) -> &Endpoint {
        &self.iam
    }

    /// The partition of the region that the responder's environment speaks of.
    #[must_use]
    pub fn home_partition(&self) -> Partition {
        self.shared.region().map_or(Partition::Aws, |region| Partition::of_region(region.as_ref()))
    }

    /// A client of STS that signs with `pair` and knows of no other credentials.
    pub(super) fn sts_of_the_leaked(&self, pair: &Pair, partition: Partition) -> aws_sdk_sts::Client {
        let token = pair.token.as_ref().map(|token| token.expose().to_owned());
        let credentials = Credentials::new(pair.key_id.as_str(), pair.secret.expose(), token, None, "leaked");
        let mut config = aws_sdk_sts::Config::builder()
            .behavior_version(behavior())
            .region(self.region_in(partition))
            .http_client(self.http_client(&self.sts))
            .retry_config(retries())
            .timeout_config(timeouts(self.timeout))
            .credentials_provider(credentials)
            .interceptor(UserAgent(self.act));
        config.set_endpoint_url(self.sts.url().map(str::to_owned));
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// A client of IAM that signs with `pair` and knows of no other credentials.
    pub(super) fn iam_of_the_leaked(&self, pair: &Pair, partition: Partition) -> aws_sdk_iam::Client {
        let token = pair.token.as_ref().map(|token| token.expose().to_owned());
        let credentials = Credentials::new(pair.key_id.as_str(), pair.secret.expose(), token, None, "leaked");
        let mut config = aws_sdk_iam::Config::builder()
            .behavior_version(behavior())
            .region(self.region_in(partition))
            .http_client(self.http_client(&self.iam))
            .retry_config(retries())
            .timeout_config(timeouts(self.timeout))
            .credentials_provider(credentials)
            .interceptor(UserAgent(self.act));
        config.set_endpoint_url(self.iam.url().map(str::to_owned));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// A client of STS that signs as the responder.
    pub(super) fn sts_of(&self, responder: &SharedCredentialsProvider) -> aws_sdk_sts::Client {
        let mut config = aws_sdk_sts::config::Builder::from(&self.shared)
            .http_client(self.http_client(&self.sts))
            .credentials_provider(responder.clone())
            .interceptor(UserAgent(self.act));
        config.set_endpoint_url(self.sts.url().map(str::to_owned));
        aws_sdk_sts::Client::from_conf(config.build())
    }

    /// A client of IAM that signs as the responder.
    pub(super) fn iam_of(&self, responder: &SharedCredentialsProvider) -> aws_sdk_iam::Client {
        let mut config = aws_sdk_iam::config::Builder::from(&self.shared)
            .http_client(self.http_client(&self.iam))
            .credentials_provider(responder.clone())
            .interceptor(UserAgent(self.act));
        config.set_endpoint_url(self.iam.url().map(str::to_owned));
        aws_sdk_iam::Client::from_conf(config.build())
    }

    /// The chain, or the profile that was named. A named profile is taken by its name alone: in the SDK's own chain
    /// variables of the environment would come before it.
    pub(super) fn provider(&self, responder: &Responder) -> Option<SharedCredentialsProvider> {
        match responder {
            Responder::Nobody => None,
            Responder::Chain => self.shared.credentials_provider(),
            Responder::Profile(name) => {
                let config = ProviderConfig::without_region()
                    .with_region(self.shared.region().cloned())
                    .with_http_client(self.http.clone());
                let profile = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name);
                Some(SharedCredentialsProvider::new(profile.build()))
            }
        }
    }

    /// The region that was asked for, if it lies in `partition`; otherwise the partition's own.
    fn region_in(&self, partition: Partition) -> Region {
        let asked = self.shared.region().filter(|region| Partition::of_region(region.as_ref()) == partition);
        asked.cloned().unwrap_or_else(|| Region::from_static(partition.home_region()))
    }

    fn http_client(&self, endpoint: &Endpoint) -> SharedHttpClient {
        if endpoint.is_plain() { self.plain_http.clone() } else { self.http.clone() }
    }
}

impl Drop for Client {
    /// A name that is still being looked up is not waited for.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What environment and profile say, but for the machine's own region: asking it takes seconds where there is none.
async fn shared(access: &Access, http: &SharedHttpClient) -> SdkConfig {
    let mut profile_region = ProfileFileRegionProvider::builder();
    let mut loader = aws_config::defaults(behavior());
    if let Responder::Profile(name) = &access.responder {
        profile_region = profile_region.profile_name(name);
        loader = loader.profile_name(name);
    }
    let chosen = access.partitions.first().copied().unwrap_or(Partition::Aws);
    let region = RegionProviderChain::first_try(access.region.clone().map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build())
        .or_else(Region::from_static(chosen.home_region()));
    loader
        .region(region)
        .http_client(http.clone())
        .retry_config(retries())
        .timeout_config(timeouts(access.timeout))
        .load()
        .await
}

/// The endpoint that is said for a service, or for all (`AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, the profile).
fn endpoint(shared: &SdkConfig, service: &str) -> Result<Endpoint> {
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().and_then(|key| shared.service_config()?.load_config(key));
    Endpoint::parse(own.as_deref().or(shared.endpoint_url()))
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(Duration::from_secs(5))
}

fn timeouts(one: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(one).read_timeout(one).operation_attempt_timeout(one).build()
}

fn tls(authorities: Option<&Path>) -> Result<TlsContext> {
    let mut trusted = TrustStore::default().with_native_roots(true);
    if let Some(file) = authorities {
        let unusable = || Error::new(format!("could not use the certificates in '{}'", file.display()));
        let certificates = std::fs::read(file).map_err(|error| unusable().because(error))?;
        trusted.add_pem_certificate(certificates);
    }
    TlsContext::builder()
        .with_trust_store(trusted)
        .build()
        .map_err(|error| Error::new("could not get ready for TLS").because(error))
}

fn http(tls: &TlsContext, proxy: &ProxyConfig) -> SharedHttpClient {
    let (tls, proxy) = (tls.clone(), proxy.clone());
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build()
    })
}

/// For endpoints on this machine: no proxy gets to see what is sent in the clear.
fn http_of_this_machine() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::disabled());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.build_http()
    })
}

/// Puts keyward's name before the SDK's.
#[derive(Debug)]
struct UserAgent(Act);

#[dyn_dispatch_hint]
impl Intercept for UserAgent {
    fn name(&self) -> &'static str {
        "keyward's User-Agent"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        let own = format!("keyward/{} ({})", env!("CARGO_PKG_VERSION"), self.0.name());
        // A second attempt carries it already.
        let of_sdk = headers.get("user-agent").filter(|text| !text.starts_with("keyward/")).unwrap_or_default();
        if !of_sdk.is_empty() || headers.get("user-agent").is_none() {
            headers.insert("user-agent", format!("{own} {of_sdk}").trim_end().to_owned());
        }
        Ok(())
    }
}
