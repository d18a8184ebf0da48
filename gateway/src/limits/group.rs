//! Limits that hold for a request together: all let it through, or none counts it.

use hyper::header::HeaderValue;

use super::budget::{Budget, Standing};
use super::limiter::{Definition, Limiter};
use crate::error::ApiError;
use crate::metrics::Metrics;

/// The limits of one kind of request; those that are off are missing.
#[derive(Debug)]
pub(super) struct Group<const N: usize> {
    limiters: [Option<Limiter>; N],
    /// `RateLimit-Policy` of the answers.
    policy: HeaderValue,
}

impl<const N: usize> Group<N> {
    pub(super) fn new(definitions: [Definition; N], metrics: &Metrics) -> Self {
        let policies: Vec<String> = definitions
            .iter()
            .filter(|limit| limit.quota > 0)
            .map(|limit| format!("\"{}\";q={};w={}", limit.name, limit.quota, limit.window.as_secs()))
            .collect();
        let policy = HeaderValue::try_from(policies.join(", "))
            .unwrap_or_else(|_| unreachable!("names and numbers are visible characters"));
        let limiter =
            |definition: Definition| Limiter::new(definition, metrics.rate_limited(definition.name));
        Self { limiters: definitions.map(limiter), policy }
    }

    /// The limits that are on.
    pub(super) fn limiters(&self) -> impl Iterator<Item = &Limiter> {
        self.limiters.iter().flatten()
    }

    /// Lets a request through for `keys`, a key a limit, or refuses it. A refused one consumes nothing.
    pub(super) fn admit(&self, keys: [Option<u64>; N], now: u64) -> Result<Budget, ApiError> {
        let mut keys = keys.into_iter();
        let mut held = self.limiters.each_ref().map(|limiter| {
            let key = keys.next().flatten();
            limiter.as_ref().zip(key).map(|(limiter, key)| (limiter, key, limiter.hold()))
        });
        let waits = held.iter_mut().flatten().filter_map(|(limiter, key, held)| {
            let wait = limiter.wait(held, *key, now)?;
            limiter.refuse(held, *key, now);
            Some((limiter.name(), wait))
        });
        if let Some((name, wait)) = waits.max_by_key(|(_, wait)| *wait) {
            let standing = Standing { policy: self.policy.clone(), name, remaining: 0, next: wait };
            return Err(ApiError::RateLimited(Box::new(standing)));
        }
        let left = held
            .iter_mut()
            .flatten()
            .map(|(limiter, key, held)| (limiter.name(), limiter.consume(held, *key, now)));
        let tightest = left.min_by_key(|(_, left)| left.remaining);
        Ok(Budget(tightest.map(|(name, left)| Standing {
            policy: self.policy.clone(),
            name,
            remaining: left.remaining,
            next: left.next,
        })))
    }
}
