//! Whether an archive is where it was written: asked right before its rows are removed from PostgreSQL.

use super::{ArchiveError, Manifest, Store};

/// Makes sure that every object of the archive is there at its full length; [`super::verify`] reads them too.
///
/// # Errors
/// Says which object is missing or has another length, or that the storage failed.
pub async fn present(store: &Store, manifest: &Manifest) -> Result<(), ArchiveError> {
    for part in &manifest.parts {
        let bytes = store.size(part.key).await?;
        if bytes != part.bytes {
            let problem = format!("it has {bytes} bytes where the manifest says {}", part.bytes);
            return Err(ArchiveError::damaged(part.key, problem));
        }
    }
    Ok(())
}
