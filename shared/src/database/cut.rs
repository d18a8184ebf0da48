//! What ends a connection that would not end by itself: its circuit opens, another server became the right one, or its
//! own turned out to take no writes any more.

use std::future::pending;
use std::sync::Arc;

use diesel::ConnectionError;
use diesel::connection::InstrumentationEvent;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tokio::sync::{Notify, watch};

use super::connect::{Refused, Session};
use crate::circuit::Circuit;

/// What cuts a connection. Whoever waits for its answer fails then, and its pool drops it.
pub(super) struct Cut {
    pub(super) circuit: Option<Circuit>,
    /// The server that connections go to.
    pub(super) current: watch::Receiver<usize>,
    /// The one that this connection goes to.
    pub(super) number: usize,
}

/// Drives a session until it ends or is cut.
pub(super) async fn drive(session: Session, mut cut: Cut) -> Result<AsyncPgConnection, Refused> {
    let Session { client, connection } = session;
    let read_only = Arc::new(Notify::new());
    let refused_to_write = read_only.clone();
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => {
                // Whoever uses it learns it from the client, but maybe nobody does.
                if ended.is_err() && let Some(circuit) = &cut.circuit {
                    circuit.suspect();
                }
            }
            () = read_only.notified() => {}
            () = opened(cut.circuit.as_ref()) => {}
            () = replaced(&mut cut.current, cut.number) => {}
        }
    });
    let gone = |error: ConnectionError| Refused::Gone(error.to_string());
    let mut connection = AsyncPgConnection::try_from(client).await.map_err(gone)?;
    // A server that was demoted says so to each write, and never again takes one over this connection.
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if is_refusal_to_write(&event) {
            refused_to_write.notify_one();
        }
    });
    Ok(connection)
}

async fn opened(circuit: Option<&Circuit>) {
    match circuit {
        Some(circuit) => drop(circuit.opened().await),
        None => pending().await,
    }
}

/// Waits until connections go to another server; for ever once nobody connects any more, and so nobody can find out.
async fn replaced(current: &mut watch::Receiver<usize>, number: usize) {
    if current.wait_for(|current| *current != number).await.is_err() {
        pending::<()>().await;
    }
}

fn is_refusal_to_write(event: &InstrumentationEvent<'_>) -> bool {
    matches!(
        event,
        InstrumentationEvent::FinishQuery {
            error: Some(Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)),
            ..
        }
    )
}
