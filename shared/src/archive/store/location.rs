//! Where the archive is: `ARCHIVE_URL` and the provider's own variables.

use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};

/// With the client's own bounds, 5 s to connect and 30 s a request unless the provider's variables say otherwise, a
/// storage that is away has failed after some tens of seconds.
const MAX_RETRIES: usize = 3;
/// After this much time nothing is tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BACKOFF: Duration = Duration::from_secs(2);

/// Opens the storage at `url`.
pub(super) fn open(url: &str) -> Result<Arc<dyn ObjectStore>, String> {
    let takes = "takes s3://bucket/folder, gs://bucket/folder, az://container/folder or file:///folder";
    let (scheme, place) = url.split_once("://").ok_or(takes)?;
    if scheme == "file" {
        return open_folder(place);
    }
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    if bucket.is_empty() {
        return Err(takes.to_owned());
    }
    if bucket.contains(':') {
        return Err("holds credentials: give them in the provider's own variables instead".to_owned());
    }
    let bucket_url = format!("{scheme}://{bucket}");
    install_crypto();
    let retry = RetryConfig {
        backoff: BackoffConfig { max_backoff: MAX_BACKOFF, ..BackoffConfig::default() },
        max_retries: MAX_RETRIES,
        retry_timeout: RETRY_TIMEOUT,
    };
    let objects: object_store::Result<Arc<dyn ObjectStore>> = match scheme {
        "s3" => {
            let storage = AmazonS3Builder::from_env().with_url(bucket_url).with_retry(retry);
            storage.build().map(|storage| Arc::new(storage) as _)
        }
        "gs" => {
            let storage = GoogleCloudStorageBuilder::from_env().with_url(bucket_url).with_retry(retry);
            storage.build().map(|storage| Arc::new(storage) as _)
        }
        "az" => {
            let storage = MicrosoftAzureBuilder::from_env().with_url(bucket_url).with_retry(retry);
            storage.build().map(|storage| Arc::new(storage) as _)
        }
        _ => return Err(takes.to_owned()),
    };
    // What is wrong may be a credential: it is not shown.
    let objects = objects.map_err(|_| format!("is not usable with the variables of {}", provider(scheme)))?;
    let prefix = Path::parse(prefix).map_err(|_| "names no folder after the bucket")?;
    Ok(if prefix.is_root() { objects } else { Arc::new(PrefixStore::new(objects, prefix)) })
}

/// A folder; it is made, and what is written there is on the disk once it is said to be written.
fn open_folder(path: &str) -> Result<Arc<dyn ObjectStore>, String> {
    if path.is_empty() {
        return Err("names no folder: file:///folder, or file://folder below the present one".to_owned());
    }
    let made = std::fs::create_dir_all(path).map_err(|error| error.to_string());
    made.map_err(|error| format!("its folder {path} can't be made: {error}"))?;
    let folder = LocalFileSystem::new_with_prefix(Folder::new(path));
    let folder = folder.map_err(|_| format!("its folder {path} can't be used"))?;
    Ok(Arc::new(folder.with_fsync(true).with_automatic_cleanup(true)))
}

/// What the variables of a scheme's provider begin with.
fn provider(scheme: &str) -> &'static str {
    match scheme {
        "gs" => "Google Cloud Storage, GOOGLE_…: give a service account, for instance by its key's file",
        "az" => "Azure, AZURE_…: give at least AZURE_STORAGE_ACCOUNT_NAME and a key",
        _ => "Amazon S3 and its like, AWS_…: check AWS_REGION, AWS_ENDPOINT_URL and the credentials",
    }
}

/// Makes ring what TLS connections use, as everywhere else; done before, it stays so.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_url_is_refused_without_showing_it() {
        for url in ["", "archive", "ftp://host/folder", "s3://", "file://", "s3://key:hunter2@bucket/folder"]
        {
            let problem = open(url).expect_err(url);
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn a_folder_is_made() {
        let folder = std::env::temp_dir().join(format!("pollster-archive-{}", uuid::Uuid::new_v4()));
        open(&format!("file://{}/a/b", folder.display())).unwrap();
        assert!(folder.join("a/b").is_dir());
        std::fs::remove_dir_all(folder).unwrap();
        assert!(open("file:///proc/archive").unwrap_err().contains("can't be made"));
    }
}
