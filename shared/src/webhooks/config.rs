//! Where webhooks may lead.

use clap::Args;

use crate::networks::Networks;

/// Where webhooks may lead.
#[derive(Debug, Clone, Args)]
pub struct WebhookConfig {
    /// Networks, though not public, that webhooks may lead into, and by http:// too, separated by commas
    #[arg(long, env = "WEBHOOK_ALLOWED_NETWORKS", default_value = "", hide_default_value = true)]
    pub webhook_allowed_networks: Networks,
}
