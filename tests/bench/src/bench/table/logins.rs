//! Votes while invalid logins arrive.

use std::fmt;

use super::{row, whole};
use crate::bench::logins::{Answers, CONNECTIONS, Senders};
use crate::bench::report::{LoginFlood, Phase};

impl fmt::Display for LoginFlood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, senders) = (whole(self.logins.sent as f64), self.senders);
        let seconds = self.during.seconds;
        writeln!(f, "Votes while {} invalid logins arrive in {seconds:.1} s, {senders}", sent.trim())?;
        row(f, "before", &self.before)?;
        row(f, "during", &self.during)?;
        row(f, "after", &self.after)?;
        row(f, "during / before and after", format_args!("{:>12.2}", self.ratio))?;
        row(f, "logins", self.logins)?;
        let hashed = whole(self.hashed as f64);
        row(f, "passwords hashed", format_args!("{hashed}, {CONNECTIONS} logins under way at a time"))
    }
}

impl fmt::Display for Senders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneAddress => "all from one address",
            Self::ManyAddresses => "each from another address",
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} votes/s   p99 {:.1} ms", whole(self.accepted_per_second), self.latency.p99_ms)?;
        if self.failed > 0 {
            write!(f, "   {} not accepted", self.failed)?;
        }
        Ok(())
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unauthenticated, rate_limited, overloaded, other, .. } = self;
        let (unauthenticated, unanswered) = (whole(*unauthenticated as f64), self.unanswered());
        write!(f, "{unauthenticated} x 401, {rate_limited} x 429, {overloaded} x 503")?;
        let rest = [(*other, "other"), (unanswered, "not answered")];
        rest.into_iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, what)| write!(f, ", {count} {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_to_no_login_is_left_out() {
        let mut answers = Answers { sent: 6, unauthenticated: 1, rate_limited: 2, overloaded: 3, other: 0 };
        assert_eq!(answers.to_string().trim(), "1 x 401, 2 x 429, 3 x 503");
        answers.sent = 8;
        answers.other = 1;
        assert_eq!(answers.to_string().trim(), "1 x 401, 2 x 429, 3 x 503, 1 other, 1 not answered");
    }
}
