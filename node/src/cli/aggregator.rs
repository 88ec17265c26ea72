//! Links to HTTP aggregators from their settings: USSD gateways and SMS APIs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use channels::callback::Admission;
use channels::callback::caller::CallerRange;
use channels::callback::signature::{Algorithm, Signature, Spelling};
use channels::http_client::HttpClient;
use channels::http_sms::{HttpSms, HttpSmsConfig, Pauses};
use channels::ussd_gateway::dialect::PushTarget;
use channels::ussd_gateway::{UssdGateway, UssdGatewayConfig};
use channels_core::LinkName;
use channels_core::sms_api::SmsApi;
use channels_core::ussd_json::{Account, Dialect};
use firmware_config::settings::{
    HttpSmsSettings, ScreenPostSettings, SignatureAlgorithm, SignatureSettings, SignatureSpelling,
    UssdGatewaySettings,
};

use super::configured::secret;
use super::failure::Failure;

/// Name of the form that is no JSON dialect.
const FORM: &str = "africas-talking";
/// Longest time to post a screen: the person waits for it.
const SCREEN_POST_TIME_MAX: Duration = Duration::from_secs(5);

/// A gateway that listens.
pub(super) async fn gateway(settings: &UssdGatewaySettings) -> Result<UssdGateway, Failure> {
    let hint = "check `[[ussd_gateway]]` in the settings";
    let admission = Wanted {
        secret_variable: &settings.secret_variable,
        callers: &settings.callers,
        signature: settings.signature.as_ref(),
        hint,
    }
    .admission()?;
    let link = LinkName(settings.name.clone());
    let mut config = UssdGatewayConfig::new(link, admission);
    if settings.dialect != FORM {
        let dialect = dialect(&settings.dialect, hint)?;
        let target = match &settings.post {
            Some(post) => Some(push_target(post, hint)?),
            None => None,
        };
        config = config
            .with_dialect(dialect, target)
            .map_err(|error| Failure::of("use the dialect", &error, hint))?;
    }
    UssdGateway::bind(settings.listen, config)
        .await
        .map_err(|error| Failure::of("listen for the USSD gateway", &error, hint))
}

/// A link that sends SMS.
pub(super) async fn sms(settings: &HttpSmsSettings) -> Result<HttpSms, Failure> {
    let hint = "check `[[http_sms]]` in the settings";
    let admission = Wanted {
        secret_variable: &settings.secret_variable,
        callers: &settings.callers,
        signature: settings.signature.as_ref(),
        hint,
    }
    .admission()?;
    let roots = roots(settings.roots_file.as_ref(), hint)?;
    let time = Duration::from_secs(u64::from(settings.timeout_s));
    let client = |url: &str| {
        HttpClient::new(url, &roots, time)
            .map_err(|error| Failure::of("call the aggregator", &error, hint))
    };
    let query = match &settings.query_url {
        Some(url) => Some(client(url)?),
        None => None,
    };
    let config = HttpSmsConfig {
        link: LinkName(settings.name.clone()),
        admission,
        api: api(&settings.api, hint)?,
        account: Account {
            name: settings.account.clone(),
            secret: secret(&settings.key_variable)?,
        },
        submit: client(&settings.url)?,
        query,
        rate: settings.rate,
        pauses: Pauses::default(),
    };
    HttpSms::bind(settings.listen, config)
        .await
        .map_err(|error| Failure::of("start the SMS link", &error, hint))
}

/// What the settings say of the callers of a link.
struct Wanted<'a> {
    secret_variable: &'a str,
    callers: &'a [String],
    signature: Option<&'a SignatureSettings>,
    hint: &'static str,
}

impl Wanted<'_> {
    fn admission(&self) -> Result<Admission, Failure> {
        let mut callers = Vec::new();
        for range in self.callers {
            let parsed = CallerRange::parse(range)
                .map_err(|error| Failure::of("read a caller's address", &error, self.hint))?;
            callers.push(parsed);
        }
        let signature = match self.signature {
            Some(settings) => Some(self.signature(settings)?),
            None => None,
        };
        let secret = secret(self.secret_variable)?;
        Admission::try_new(&secret, callers, signature)
            .map_err(|error| Failure::of("say who may call", &error, self.hint))
    }

    fn signature(&self, settings: &SignatureSettings) -> Result<Signature, Failure> {
        let algorithm = match settings.algorithm {
            SignatureAlgorithm::HmacSha256 => Algorithm::Sha256,
            SignatureAlgorithm::HmacSha512 => Algorithm::Sha512,
        };
        let spelling = match settings.spelling {
            SignatureSpelling::Hex => Spelling::Hex,
            SignatureSpelling::Base64 => Spelling::Base64,
        };
        let key = secret(&settings.key_variable)?;
        let place = (settings.header.as_str(), settings.before.as_str());
        Signature::try_new(place, (algorithm, spelling), &key)
            .map_err(|error| Failure::of("check signatures", &error, self.hint))
    }
}

fn push_target(post: &ScreenPostSettings, hint: &str) -> Result<PushTarget, Failure> {
    let roots = roots(post.roots_file.as_ref(), hint)?;
    let client = HttpClient::new(&post.url, &roots, SCREEN_POST_TIME_MAX)
        .map_err(|error| Failure::of("post screens", &error, hint))?;
    let account = Account {
        name: post.account.clone(),
        secret: secret(&post.secret_variable)?,
    };
    Ok(PushTarget { client, account })
}

fn dialect(name: &str, hint: &str) -> Result<Dialect, Failure> {
    if let Some(dialect) = Dialect::named(name) {
        return Ok(dialect);
    }
    Dialect::parse(&description(name, hint)?)
        .map_err(|error| Failure::of(&format!("read the dialect {name}"), &error, hint))
}

fn api(name: &str, hint: &str) -> Result<SmsApi, Failure> {
    if let Some(api) = SmsApi::named(name) {
        return Ok(api);
    }
    SmsApi::parse(&description(name, hint)?)
        .map_err(|error| Failure::of(&format!("read the API {name}"), &error, hint))
}

fn description(name: &str, hint: &str) -> Result<String, Failure> {
    read(Path::new(name), hint)
}

fn roots(path: Option<&PathBuf>, hint: &str) -> Result<String, Failure> {
    path.map_or(Ok(String::new()), |path| read(path, hint))
}

fn read(path: &Path, hint: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::of(&format!("read {}", path.display()), &error, hint))
}
