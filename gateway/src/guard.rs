//! What keeps work from hanging, and from taking its connection along.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use crate::error::ApiError;

/// A client that waits longer for a dependency of ours is told that the outcome is unknown.
const WITHIN: Duration = Duration::from_secs(15);

/// Does what a client asked for; what panics or hangs is answered like any other failure.
pub(crate) async fn run<T>(work: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    match timeout(WITHIN, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Err(ApiError::Internal)
        }
        Err(_) => Err(ApiError::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[tokio::test]
    async fn a_panic_is_our_own_fault_and_no_end() {
        let panics = async |on_purpose: bool| if on_purpose { panic!("on purpose") } else { Ok(7) };
        assert_eq!(run(panics(true)).await.unwrap_err().code(), Code::Internal);
        assert_eq!(run(panics(false)).await.unwrap(), 7);
    }
}
