//! A connection string of several servers as one of each.

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::DatabaseError;

/// How many servers a configuration names.
pub(super) fn count(config: &Config) -> usize {
    config.get_hosts().len().max(config.get_hostaddrs().len())
}

/// A configuration a server.
///
/// # Errors
/// When it names none, or its hosts, addresses and ports don't go together.
pub(super) fn split(config: &Config) -> Result<Vec<Config>, DatabaseError> {
    let bad = |what: &str| Err(DatabaseError::Connection(format!("the connection string {what}")));
    let count = count(config);
    if count == 0 {
        return bad("names no server");
    }
    let (hosts, addresses) = (config.get_hosts().len(), config.get_hostaddrs().len());
    if ![0, count].contains(&hosts) || ![0, count].contains(&addresses) {
        return bad("has another number of hosts than of their addresses");
    }
    if ![0, 1, count].contains(&config.get_ports().len()) {
        return bad("has another number of ports than of hosts");
    }
    Ok((0..count).map(|number| single(config, number)).collect())
}

/// The same with one of its servers alone.
fn single(config: &Config, number: usize) -> Config {
    let mut one = without_servers(config);
    match config.get_hosts().get(number) {
        Some(Host::Tcp(host)) => one.host(host),
        Some(Host::Unix(folder)) => one.host_path(folder),
        None => &mut one,
    };
    if let Some(address) = config.get_hostaddrs().get(number) {
        one.hostaddr(*address);
    }
    if let Some(port) = config.get_ports().get(number).or(config.get_ports().first()) {
        one.port(*port);
    }
    one
}

/// Everything but the servers: a configuration can't be made to forget them.
fn without_servers(config: &Config) -> Config {
    let mut bare = Config::new();
    config.get_user().map(|user| bare.user(user));
    config.get_dbname().map(|name| bare.dbname(name));
    config.get_options().map(|options| bare.options(options));
    config.get_application_name().map(|name| bare.application_name(name));
    config.get_password().map(|password| bare.password(password));
    config.get_connect_timeout().map(|limit| bare.connect_timeout(*limit));
    config.get_tcp_user_timeout().map(|limit| bare.tcp_user_timeout(*limit));
    config.get_keepalives_interval().map(|interval| bare.keepalives_interval(interval));
    config.get_keepalives_retries().map(|retries| bare.keepalives_retries(retries));
    bare.keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .target_session_attrs(config.get_target_session_attrs())
        .channel_binding(config.get_channel_binding())
        .load_balance_hosts(config.get_load_balance_hosts());
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "user=ann password=secret dbname=polls options='-c a=b' application_name=gateway \
        sslmode=require sslnegotiation=direct connect_timeout=3 tcp_user_timeout=4 keepalives=1 keepalives_idle=5 \
        keepalives_interval=6 keepalives_retries=7 target_session_attrs=read-write channel_binding=require \
        load_balance_hosts=random";

    fn config(servers: &str) -> Config {
        format!("{ALL} {servers}").parse().unwrap()
    }

    #[test]
    fn each_server_keeps_everything_else_that_was_said() {
        let each = split(&config("host=one,/run/two hostaddr=10.0.0.1,10.0.0.2 port=1,2")).unwrap();
        let one = config("host=one hostaddr=10.0.0.1 port=1");
        assert_eq!(each, [one, config("host=/run/two hostaddr=10.0.0.2 port=2")]);
        assert_eq!(split(&config("host=one,two port=5")).unwrap()[1], config("host=two port=5"));
        assert_eq!(split(&config("host=one")).unwrap(), [config("host=one")]);
    }

    #[test]
    fn servers_that_do_not_go_together_are_refused() {
        for servers in ["", "host=one,two port=1,2,3", "host=one,two hostaddr=10.0.0.1"] {
            assert!(split(&config(servers)).is_err(), "{servers}");
        }
    }
}
