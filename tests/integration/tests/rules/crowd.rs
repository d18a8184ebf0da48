//! An audience that comes all at once.

use futures_util::future::join_all;
use pollster_integration::{Client, DEADLINE, Stack};
use tokio::time::timeout;

const CLIENTS: usize = 2000;

#[tokio::test]
async fn two_thousand_clients_that_come_at_once_are_all_served() {
    let builder = Stack::builder().aggregators(0).without_background();
    let stack = builder.env("MAX_CONNECTIONS_PER_ADDRESS", 2 * CLIENTS).start().await;
    let gateway = stack.gateway(0);
    // As slow to accept as can be: whoever finds no room in its queue is dropped, and would try again for ever.
    gateway.stop().await;
    let connecting = join_all((0..CLIENTS).map(|_| Client::connect(gateway.address())));
    let clients = timeout(DEADLINE, connecting).await.expect("there is room for all");
    gateway.cont().await;
    join_all(clients.into_iter().map(async |client| {
        assert_eq!(client.unwrap().get("/livez").await.unwrap().status, 200);
    }))
    .await;
}
