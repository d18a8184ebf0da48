//! Where traces go, and how many.

use clap::Args;

use crate::config::StartError;

/// How to trace.
#[derive(Debug, Clone, Args)]
pub struct TraceConfig {
    /// Address of an OpenTelemetry collector that takes OTLP over HTTP, for instance http://localhost:4318; no traces if
    /// absent
    #[arg(long, env = "OTLP_ENDPOINT", hide_env_values = true)]
    pub otlp_endpoint: Option<String>,
    /// Share of requests whose traces are told to the collector, from 0 to 1
    #[arg(long, env = "TRACE_SAMPLE_RATIO", default_value_t = 0.01, value_parser = parse_ratio)]
    pub trace_sample_ratio: f64,
}

fn parse_ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| {
        "takes a number from 0 to 1, for instance 0.01 for one request in a hundred".to_owned()
    })
}

impl TraceConfig {
    /// Where spans are sent. The error does not show the address, which may hold a password.
    pub(super) fn traces_endpoint(&self) -> Result<Option<String>, StartError> {
        let Some(endpoint) = &self.otlp_endpoint else { return Ok(None) };
        let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
        let is_address = host.is_some_and(|host| !host.is_empty() && !host.contains(['?', '#']));
        if !is_address || !endpoint.bytes().all(|byte| byte.is_ascii_graphic()) {
            let problem = "takes the address of a collector, for instance http://localhost:4318";
            return Err(StartError::setting("OTLP_ENDPOINT", problem));
        }
        Ok(Some(format!("{}/v1/traces", endpoint.trim_end_matches('/'))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Result<Option<String>, StartError> {
        TraceConfig { otlp_endpoint: Some(text.to_owned()), trace_sample_ratio: 1.0 }.traces_endpoint()
    }

    #[test]
    fn traces_go_below_the_collector_s_address() {
        for address in ["http://collector:4318", "http://collector:4318/"] {
            assert_eq!(endpoint(address).unwrap().unwrap(), "http://collector:4318/v1/traces");
        }
        assert_eq!(endpoint("https://host/otlp").unwrap().unwrap(), "https://host/otlp/v1/traces");
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_it() {
        for address in ["", "collector:4317", "grpc://hunter2@host", "http://", "http://host?key=hunter2"] {
            let error = endpoint(address).unwrap_err().to_string();
            assert!(error.contains("OTLP_ENDPOINT") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_ratio_is_a_share() {
        assert_eq!(parse_ratio("0.25"), Ok(0.25));
        assert!(["", "-0.1", "1.01", "NaN", "1%"].iter().all(|text| parse_ratio(text).is_err()));
    }
}
