//! Real ballots, cast one by one as voters of their own, and the counts compared with the file's.

mod ballots;
mod cast;
mod compare;
mod counted;
mod progress;
mod run;
mod target;
mod voters;

pub use ballots::{Ballots, BallotsError};
pub use cast::{CastError, Casting, Outcome, cast};
pub use compare::{Difference, differences};
pub use counted::{Counted, wait_until_counted};
pub(crate) use progress::bar;
pub use run::{Arguments, Error, run};
pub use target::{Target, TargetError};
pub use voters::{Voter, order};
