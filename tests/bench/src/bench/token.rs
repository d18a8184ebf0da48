//! What it costs to believe an access token, which every request of an account pays.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use pollster_gateway::tokens::{Role, TokenConfig, Tokens};

use super::cpu;

/// Enough to forget the first, slow ones.
const TIMES: u32 = 200_000;
/// An account's id, as in tokens of ours.
const SUBJECT: &str = "0199d2c4-7a5e-7c31-9f0e-3b6f2a4d8c10";

/// CPU time that one verification of a token of ours (HS256) takes, on average.
pub(super) fn verification() -> io::Result<Duration> {
    let secret = "a secret of nothing but the benchmark".to_owned();
    let tokens = Tokens::new(&TokenConfig { jwt_secret: Some(secret), ..TokenConfig::default() });
    let Ok(tokens) = tokens else { unreachable!("the secret is long enough") };
    let Some(issued) = tokens.issue(SUBJECT, Role::User, true) else { unreachable!("a secret signs") };
    let start = cpu::of_ourselves()?;
    for _ in 0..TIMES {
        let account = tokens.check(black_box(&issued.access_token));
        assert!(black_box(account).is_ok(), "a token of ours is valid");
    }
    Ok((cpu::of_ourselves()? - start) / TIMES)
}
