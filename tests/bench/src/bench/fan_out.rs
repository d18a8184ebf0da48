//! The fan-out: what viewers cost, how soon they see votes, and what becomes of them when something fails.
//! Viewers and voters have threads of their own; the one that measures only waits. Wrong or missing counts
//! are errors; that a figure misses its mark is not, for the machine may be busy.

mod backoff;
mod board;
mod crowd;
mod error;
mod frames;
mod gateway_loss;
mod handshake;
mod large;
mod ledger;
mod live;
mod marks;
mod message;
mod redis_loss;
mod silent;
mod socket;
mod stage;
mod tracks;
mod viewer;
mod voters;
mod wave;

pub(super) use error::FanOutError;
pub(super) use stage::Stage;
pub(super) use voters::Voters;

use super::report::FanOut;
use super::servers::Servers;

/// Measures one after the other, each at a gateway of its own.
pub(super) async fn measure(servers: &mut Servers) -> Result<FanOut, FanOutError> {
    Ok(FanOut {
        large_audience: large::measure(servers).await?,
        live_votes: live::measure(servers).await?,
        silent_viewers: silent::measure(servers).await?,
        redis_loss: redis_loss::measure(servers).await?,
        gateway_loss: gateway_loss::measure(servers).await?,
        wave: wave::measure(servers).await?,
    })
}
