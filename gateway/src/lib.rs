//! The gateway: takes votes over HTTP, serves results, and relays new counts over WebSocket and as server-sent
//! events. It holds no state that matters: any number may run, and any may die. The web app is built into it.
//!
//! A vote's walk through it: [`server`] → [`routes`] → [`votes`] (who, what, accept) → the stream. The
//! counts' way back: [`live`] from Redis, [`ws`] or [`events`] to each viewer.

mod accounts;
mod app;
mod circuits;
mod config;
mod credentials;
mod definitions;
mod drain;
mod edge;
mod error;
mod etag;
mod events;
mod guard;
mod health;
mod limits;
mod live;
mod metrics;
mod openapi;
mod polls;
mod readiness;
mod request;
mod response;
mod results;
mod roles;
mod routes;
mod server;
pub mod tokens;
mod traced;
mod visibility;
mod votes;
mod web;
mod webhooks;
mod ws;

use std::sync::Arc;

use pollster_shared::admin;
use pollster_shared::config::{StartError, listen};
use pollster_shared::database;
use pollster_shared::shutdown::Shutdown;

pub use config::Config;
pub use roles::Role;

use app::{App, Tasks};

/// Runs a gateway until `shutdown`, then finishes the requests in hand.
///
/// # Errors
/// Where it can't start as configured.
pub async fn run(config: Config, shutdown: Shutdown) -> Result<(), StartError> {
    let database = config.service.database.clone();
    database::checked(&database, serve(config, shutdown)).await
}

async fn serve(config: Config, shutdown: Shutdown) -> Result<(), StartError> {
    let listener = listen("LISTEN", config.listen)?;
    let admin_listener = listen("ADMIN_LISTEN", config.admin_listen)?;
    let (app, tasks) = App::new(config, shutdown.clone())?;
    let Tasks { feed, direct_committer, watches, lag_watch, trace_exporter } = tasks;
    let app = Arc::new(app);

    let mut registry = pollster_shared::metrics::registry();
    app.metrics.register(&mut registry);
    pollster_shared::metrics::register_pool(&mut registry, app.pool.clone());
    app.reads.register(&mut registry);
    // Feed and admin listener outlive the drain: viewers may get what is counted meanwhile.
    let drained = Shutdown::new();
    let mut background = vec![
        tokio::spawn(admin::serve(admin_listener, registry, app.clone(), shutdown, drained.clone())),
        tokio::spawn(app.drain.clone().run(app.config.drain_delay)),
        tokio::spawn(limits::sharing::share(app.clone(), drained.clone())),
        tokio::spawn(direct_committer.run(app.clone(), drained.clone())),
    ];
    background.extend(watches.start(&drained));
    background.extend(lag_watch.map(|watch| tokio::spawn(watch.run(drained.clone()))));
    if app.config.serves(Role::Ws) {
        let leave_within = app.config.drain_timeout / 2;
        background.push(tokio::spawn(feed.run(app.clone(), drained.clone())));
        background.push(tokio::spawn(live::count_viewers(app.clone(), drained.clone())));
        let closed = app.drain.closed.clone();
        background.push(tokio::spawn(app.pulse.clone().run(closed, leave_within, drained.clone())));
    }
    web::check();
    tracing::info!(listen = %app.config.listen, "gateway started");
    server::serve(listener, app).await;
    drained.cancel();
    for task in background {
        let _ = task.await;
    }
    trace_exporter.end().await;
    tracing::info!("gateway drained");
    Ok(())
}
