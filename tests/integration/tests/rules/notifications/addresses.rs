//! Where webhooks may lead.

use pollster_integration::{Receiver, Stack};

use super::bed::{Bed, notifiers};

const NOT_ALLOWED: &str = "its host has no address that may be called";
const NO_NAME: &str = "no encrypted connection";
const NOT_PUBLIC: &str = "its URL must lead to a public address";
const NOT_ENCRYPTED: &str = "its URL must begin with https://";

#[tokio::test]
async fn what_is_not_public_is_not_called() {
    let builder = Stack::builder().gateways(0).aggregators(0).env("NOTIFY_RETRY_BASE", "100ms");
    let bed = Bed::start(builder).await;
    let receiver = Receiver::start().await;
    let port = receiver.port();
    for (threshold, (url, error)) in (1..).zip([
        (format!("https://127.0.0.1:{port}/"), NOT_PUBLIC),
        (format!("https://[::1]:{port}/"), NOT_PUBLIC),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), NOT_PUBLIC),
        ("https://10.1.2.3/".to_owned(), NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data".to_owned(), NOT_PUBLIC),
        (format!("http://127.0.0.1:{port}/"), NOT_PUBLIC),
        (format!("http://localhost:{port}/"), NOT_ENCRYPTED),
        // What only resolving it tells.
        (format!("https://localhost:{port}/"), NOT_ALLOWED),
        // What resolves, and is no name that a certificate could hold.
        (format!("https://2130706433:{port}/"), NO_NAME),
        (format!("https://0x7f.1:{port}/"), NO_NAME),
    ]) {
        let poll = bed.poll(None).await;
        bed.webhook(&poll, &url).await;
        let id = bed.notify(&poll, None, threshold).await;
        let failed = bed.delivery(id, "webhook", |delivery| delivery.error.is_some()).await;
        assert_eq!(failed.error.as_deref(), Some(error), "{url}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn networks_that_are_allowed_are_called_by_name_and_address() {
    let bed = Bed::start(notifiers(1)).await;
    let receiver = Receiver::start().await;
    let port = receiver.port();
    for (threshold, host) in (1..).zip(["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"]) {
        let poll = bed.poll(None).await;
        bed.webhook(&poll, &format!("http://{host}:{port}/")).await;
        let id = bed.notify(&poll, None, threshold).await;
        bed.delivery(id, "webhook", |delivery| delivery.delivered).await;
    }
    assert_eq!(receiver.received().len(), 4);
    let poll = bed.poll(None).await;
    bed.webhook(&poll, "http://10.0.0.1/").await;
    let id = bed.notify(&poll, None, 100).await;
    let failed = bed.delivery(id, "webhook", |delivery| delivery.error.is_some()).await;
    assert_eq!(failed.error.as_deref(), Some(NOT_PUBLIC));
}
