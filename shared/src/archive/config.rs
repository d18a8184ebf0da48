//! Where the archive is.

use clap::Args;

/// Where the archive is.
#[derive(Debug, Clone, Args)]
pub struct ArchiveConfig {
    /// Object storage for the archive: s3://bucket/folder, gs://, az:// or file:///folder; credentials come from
    /// the provider's own variables
    #[arg(long, env = "ARCHIVE_URL", default_value = "file://.local/archive")]
    pub archive_url: String,
}
