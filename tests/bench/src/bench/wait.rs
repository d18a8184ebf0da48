//! Waiting that Ctrl-C ends.

use std::time::Duration;

use pollster_stack::{StackError, interrupted};

/// How often Ctrl-C is looked for.
const STEP: Duration = Duration::from_millis(50);

/// What the future gives, unless Ctrl-C is pressed before.
pub(super) async fn unless_interrupted<T>(future: impl Future<Output = T>) -> Result<T, StackError> {
    let pressed = async {
        while !interrupted() {
            tokio::time::sleep(STEP).await;
        }
    };
    tokio::select! {
        biased;
        () = pressed => Err(StackError::Interrupted),
        output = future => Ok(output),
    }
}

/// Sleeps, unless Ctrl-C is pressed.
pub(super) async fn sleep(length: Duration) -> Result<(), StackError> {
    unless_interrupted(tokio::time::sleep(length)).await
}
