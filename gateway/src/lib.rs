//! The gateway: takes votes over HTTP, serves results, and relays new counts over WebSocket. It holds no
//! state that matters: any number may run, and any may die.
//!
//! A vote's walk through it: [`server`] → [`routes`] → [`votes`] (who, what, accept) → the stream. The
//! counts' way back: [`ws`] from Redis to each viewer.

mod accounts;
mod app;
mod config;
mod credentials;
mod definitions;
mod edge;
mod error;
mod etag;
mod health;
mod limits;
mod metrics;
mod openapi;
mod polls;
mod request;
mod response;
mod results;
mod routes;
mod server;
pub mod tokens;
mod visibility;
mod votes;
mod ws;

use std::sync::Arc;

use pollster_shared::admin;
use pollster_shared::config::{StartError, listen};
use pollster_shared::shutdown::Shutdown;

pub use config::Config;

use app::App;

/// Runs a gateway until `shutdown`, then finishes the requests in hand.
///
/// # Errors
/// Where it can't start as configured.
pub async fn run(config: Config, shutdown: Shutdown) -> Result<(), StartError> {
    let listener = listen("LISTEN", config.listen).await?;
    let admin_listener = listen("ADMIN_LISTEN", config.admin_listen).await?;
    let (app, feed) = App::new(config, shutdown.clone())?;
    let app = Arc::new(app);

    let mut registry = pollster_shared::metrics::registry();
    app.metrics.register(&mut registry);
    pollster_shared::metrics::register_pool(&mut registry, app.pool.clone());
    // Feed and admin listener outlive the drain: viewers may get what is counted meanwhile.
    let drained = Shutdown::new();
    let background = [
        tokio::spawn(admin::serve(admin_listener, registry, app.clone(), shutdown.clone(), drained.clone())),
        tokio::spawn(feed.run(app.clone(), drained.clone())),
        tokio::spawn(limits::sharing::share(app.clone(), drained.clone())),
    ];
    tracing::info!(listen = %app.config.listen, "gateway started");
    server::serve(listener, app, shutdown).await;
    drained.cancel();
    for task in background {
        let _ = task.await;
    }
    tracing::info!("gateway drained");
    Ok(())
}
