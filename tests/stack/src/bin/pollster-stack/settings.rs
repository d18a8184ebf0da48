//! The variables that the programs run with, kept in a file that a shell can source.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pollster_stack::{Postgres, Redis, StackError, free_port, is_free};

use crate::paths::Paths;
use crate::say::say;
use crate::services::{AGGREGATOR, BACKGROUND, GATEWAY};
use crate::shell::{quoted, random_secret, unquoted};

/// Each program's variable for its admin listener, and the port that it has by default.
const ADMIN: [(&str, &str, u16); 3] = [
    (GATEWAY, "GATEWAY_ADMIN_LISTEN", 9101),
    (AGGREGATOR, "AGGREGATOR_ADMIN_LISTEN", 9102),
    (BACKGROUND, "BACKGROUND_ADMIN_LISTEN", 9103),
];
const DEFAULT_PORT: u16 = 8080;
/// Either of these replaces the secret that we would make.
const PUBLIC_KEYS: [&str; 2] = ["JWT_PUBLIC_KEY_FILE", "JWKS_FILE"];

/// Variables of our own environment that programs inherit. They stand in the file as well, so that a program
/// started by hand, or a load generator, works with the same.
const PASSED_ON: [&str; 46] = [
    "ALLOWED_ORIGINS",
    "ARCHIVE_AFTER",
    "BATCH_LINGER_MS",
    "BATCH_SIZE",
    "CAPTCHA_SCRIPT_ORIGIN",
    "CAPTCHA_SECRET",
    "CAPTCHA_SITE_KEY",
    "CAPTCHA_VERIFY_URL",
    "CLAIM_IDLE_MS",
    "DATABASE_POOL_SIZE",
    "DATABASE_POOLING",
    "DATABASE_REPLICA_MAX_LAG",
    "DATABASE_REPLICA_URL",
    "DRAIN_DELAY",
    "DRAIN_TIMEOUT",
    "JWKS_FILE",
    "JWT_AUDIENCE",
    "JWT_ISSUER",
    "JWT_PUBLIC_KEY_FILE",
    "LOGINS_PER_MINUTE",
    "LOG_FORMAT",
    "MAIL_FROM",
    "MAX_CONNECTIONS",
    "MAX_CONNECTIONS_PER_ADDRESS",
    "MAX_DELIVERIES",
    "MAX_SUBSCRIPTIONS",
    "MILESTONES",
    "NOTIFY_RETRY_BASE",
    "OTLP_ENDPOINT",
    "POLLS_PER_HOUR",
    "REDIS_AGGREGATES_URL",
    "REDIS_MIN_REPLICAS",
    "REDIS_PUBSUB_URL",
    "REDIS_STREAMS_URL",
    "RESULTS_INTERVAL_MS",
    "RETENTION",
    "RUST_LOG",
    "SMTP_URL",
    "STREAM_MAX_LEN",
    "TRACE_SAMPLE_RATIO",
    "TRUSTED_PROXIES",
    "VOTES_PER_5_MINUTES",
    "VOTES_PER_MINUTE",
    "VOTES_PER_MINUTE_PER_ADDRESS",
    "VOTE_SHARDS",
    "WEBHOOK_ALLOWED_NETWORKS",
];

/// Names and values.
pub(crate) struct Settings(BTreeMap<String, String>);

impl Settings {
    /// What the file of an earlier run holds; nothing where there is none.
    pub(crate) fn load(paths: &Paths) -> Self {
        let text = std::fs::read_to_string(paths.settings()).unwrap_or_default();
        let pair = |line: &str| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((name.to_owned(), unquoted(value)))
        };
        Self(text.lines().filter_map(pair).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The port at the end of an address or URL.
    pub(crate) fn port(&self, name: &str) -> Option<u16> {
        let (_, rest) = self.get(name)?.rsplit_once(':')?;
        rest.split('/').next()?.parse().ok()
    }

    /// Sets all that the programs need. `is_running` says which of them keep the addresses they have.
    pub(crate) fn complete(
        &mut self,
        paths: &Paths,
        redis: &Redis,
        postgres: &Postgres,
        is_running: impl Fn(&str) -> bool,
    ) -> Result<(), StackError> {
        self.pass_on(ADMIN.iter().any(|(program, ..)| is_running(program)));
        if self.get("DRAIN_DELAY").is_none() {
            // Nobody here chooses among gateways.
            self.set("DRAIN_DELAY", "0s".to_owned());
        }
        self.set("DATABASE_URL", postgres.url(crate::services::DATABASE));
        self.set("REDIS_URL", redis.url());
        let archive = || format!("file://{}", paths.archive().display());
        self.set("ARCHIVE_URL", std::env::var("ARCHIVE_URL").unwrap_or_else(|_| archive()));
        let mail = || paths.mail().display().to_string();
        self.set("MAIL_FOLDER", std::env::var("MAIL_FOLDER").unwrap_or_else(|_| mail()));
        self.keep_secret("HASH_SECRET")?;
        if PUBLIC_KEYS.iter().all(|name| self.get(name).is_none()) {
            self.keep_secret("JWT_SECRET")?;
        } else {
            self.0.remove("JWT_SECRET");
        }
        if !is_running(GATEWAY) || self.get("LISTEN").is_none() {
            self.choose_listen()?;
        }
        for (program, variable, default) in ADMIN {
            if !is_running(program) || self.get(variable).is_none() {
                let port = if is_free(default) { default } else { free_port()? };
                self.set(variable, format!("127.0.0.1:{port}"));
            }
        }
        self.choose_public_url();
        Ok(())
    }

    /// What `program` gets on top of our own environment.
    pub(crate) fn of(&self, program: &str) -> Vec<(String, String)> {
        let admin = |(_, variable, _): &(&str, &str, u16)| self.get(variable).map(str::to_owned);
        let own = ADMIN.iter().find(|(name, ..)| *name == program).and_then(admin);
        let common = self.0.iter().filter(|(name, _)| !name.ends_with("_ADMIN_LISTEN"));
        common
            .map(|(name, value)| (name.clone(), value.clone()))
            .chain(own.map(|address| ("ADMIN_LISTEN".to_owned(), address)))
            .collect()
    }

    /// Writes the file. Its secrets are nobody else's business.
    pub(crate) fn save(&self, paths: &Paths) -> Result<(), StackError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut text = String::from("# Made by pollster-stack; for a shell: . .local/env\n");
        for (name, value) in &self.0 {
            let _ = writeln!(text, "export {name}={}", quoted(value));
        }
        let (file, new) = (paths.settings(), paths.settings().with_extension("new"));
        let write = || -> std::io::Result<()> {
            let mut options = std::fs::OpenOptions::new();
            let mut out = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            std::io::Write::write_all(&mut out, text.as_bytes())?;
            std::fs::rename(&new, &file)
        };
        write().map_err(StackError::io(format!("writing {}", file.display())))
    }

    fn set(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// The operator's own; else the one made earlier, so that hashes and sessions stay valid; else a new one.
    fn keep_secret(&mut self, name: &str) -> Result<(), StackError> {
        if let Ok(value) = std::env::var(name) {
            self.set(name, value);
        } else if self.get(name).is_none() {
            self.set(name, random_secret()?);
        }
        Ok(())
    }

    /// The last start's own values count no more, unless a part of it still runs with them.
    fn pass_on(&mut self, keep_others: bool) {
        for name in PASSED_ON {
            match std::env::var(name) {
                Ok(value) => self.set(name, value),
                Err(_) if keep_others => {}
                Err(_) => drop(self.0.remove(name)),
            }
        }
    }

    fn choose_listen(&mut self) -> Result<(), StackError> {
        let address = match std::env::var("LISTEN") {
            Ok(address) => address,
            Err(_) if is_free(DEFAULT_PORT) => format!("127.0.0.1:{DEFAULT_PORT}"),
            Err(_) => {
                let port = free_port()?;
                say(format_args!("Port {DEFAULT_PORT} is taken: using {port} (LISTEN=127.0.0.1:… chooses)"));
                format!("127.0.0.1:{port}")
            }
        };
        self.set("LISTEN", address);
        Ok(())
    }

    fn choose_public_url(&mut self) {
        let address = self.get("LISTEN").unwrap_or_default();
        // One that listens everywhere is reached here by name.
        let host = address.replace("0.0.0.0:", "localhost:").replace("[::]:", "localhost:");
        let url = std::env::var("PUBLIC_URL").unwrap_or_else(|_| format!("http://{host}"));
        self.set("PUBLIC_URL", url);
    }
}
