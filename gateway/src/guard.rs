//! What keeps work from hanging, from taking its connection along, and from being left half-way.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::timeout;

use crate::edge::Place;
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

/// Does what must not be left half-way in a task of its own, which goes on though the client hangs up. The request's
/// place is held until it is done: who asks and hangs up, again and again, piles up nothing.
///
/// # Errors
/// Those of the work, and [`ApiError::Internal`] where it panics.
pub(crate) async fn finish<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    place: Place,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, ApiError> {
    let task = tokio::spawn(async move {
        let _place = place;
        work.await
    });
    task.await.map_err(|_| ApiError::Internal)?.map_err(E::into)
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::edge::{Class, Load};
    use crate::error::Code;

    #[tokio::test]
    async fn a_panic_is_our_own_fault_and_no_end() {
        let panics = async |on_purpose: bool| if on_purpose { panic!("on purpose") } else { Ok(7) };
        assert_eq!(run(panics(true)).await.unwrap_err().code(), Code::Internal);
        assert_eq!(run(panics(false)).await.unwrap(), 7);
    }
    #[tokio::test]
    async fn what_must_not_be_left_half_way_goes_on_and_holds_its_place_when_nobody_waits() {
        let load = Load::new(0, 1);
        let (go_on, told) = oneshot::channel();
        let (done, is_done) = oneshot::channel();
        let work = async {
            told.await.unwrap();
            done.send(()).unwrap();
            Ok::<_, ApiError>(())
        };
        let mut request = Box::pin(finish(load.enter(Class::Read).unwrap(), work));
        assert!(request.as_mut().now_or_never().is_none());
        drop(request);
        // The task is at work by now.
        tokio::task::yield_now().await;
        assert_eq!(load.enter(Class::Read).unwrap_err().code(), Code::Overloaded);
        go_on.send(()).unwrap();
        is_done.await.unwrap();
        tokio::task::yield_now().await;
        load.enter(Class::Read).unwrap();
    }
}
