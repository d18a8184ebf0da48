use std::sync::mpsc::channel;

use futures_util::FutureExt;
use tokio::task::yield_now;

use super::*;

fn password(text: &str) -> Password {
    Password::from(text.to_owned())
}

fn hasher(queue: usize) -> Arc<Hasher> {
    Arc::new(Hasher::with(1, queue, Counter::default()))
}

async fn verify(hasher: &Hasher, text: &str, hash: Option<&str>) -> bool {
    let place = hasher.reserve().unwrap();
    hasher.verify(place, password(text), hash.map(str::to_owned)).await.unwrap()
}

/// The parameters of a PHC string.
fn cost(hash: &str) -> Vec<&str> {
    hash.split('$').take(4).collect()
}

#[tokio::test]
async fn a_password_is_verified_by_its_own_hash_only() {
    let hasher = hasher(1);
    let hash = hasher.hash(password("correct horse")).await.unwrap();
    assert_ne!(hash, hasher.hash(password("correct horse")).await.unwrap(), "each has a salt of its own");
    assert!(verify(&hasher, "correct horse", Some(&hash)).await);
    assert!(!verify(&hasher, "correct horsE", Some(&hash)).await);
    assert!(!verify(&hasher, "correct horse", Some("not a hash")).await);
}

#[tokio::test]
async fn nobody_costs_as_much_as_somebody() {
    let hasher = hasher(1);
    let hash = hasher.hash(password("correct horse")).await.unwrap();
    assert_eq!(cost(NOBODY), cost(&hash));
    assert_eq!(cost(NOBODY), ["", "argon2id", "v=19", "m=19456,t=2,p=1"]);
    // Read and computed, not refused as unreadable.
    let verified = argon2().verify_password(b"correct horse", NOBODY);
    assert_eq!(verified, Err(Error::PasswordInvalid));
    assert!(!verify(&hasher, "correct horse", None).await);
    assert_eq!(hasher.hashes.get(), 2);
}

#[tokio::test]
async fn a_full_queue_refuses_and_forgets_those_who_left() {
    let hasher = hasher(2);
    let (started, has_started) = oneshot::channel();
    let (release, released) = channel::<()>();
    let busy = tokio::spawn({
        let hasher = hasher.clone();
        async move {
            hasher
                .run(hasher.reserve().unwrap(), move || {
                    started.send(()).unwrap();
                    released.recv().unwrap();
                })
                .await
        }
    });
    has_started.await.unwrap();
    let waiting = [(); 2].map(|()| {
        let hasher = hasher.clone();
        tokio::spawn(async move { hasher.hash(password("correct horse")).await })
    });
    // Both are spawned before us and run before we do again.
    yield_now().await;
    let refused = hasher.hash(password("one too many")).now_or_never();
    assert!(matches!(refused, Some(Err(ApiError::Overloaded))), "at once");
    for left in waiting {
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
    }
    release.send(()).unwrap();
    busy.await.unwrap().unwrap();
    // The first to fit in comes after those who left: they are passed over without any work.
    let place = loop {
        match hasher.reserve() {
            Ok(place) => break place,
            Err(_) => yield_now().await,
        }
    };
    hasher.run(place, || ()).await.unwrap();
    assert_eq!(hasher.hashes.get(), 2);
}

#[tokio::test]
async fn a_place_that_is_given_up_is_free_again() {
    let hasher = hasher(1);
    let places = [(); 2].map(|()| hasher.reserve().unwrap());
    assert!(matches!(hasher.reserve(), Err(ApiError::Overloaded)));
    assert!(matches!(hasher.hash(password("one too many")).await, Err(ApiError::Overloaded)));
    drop(places);
    assert!(hasher.reserve().is_ok());
}

#[tokio::test]
async fn a_panic_ends_no_thread() {
    let hasher = hasher(1);
    let panicked = hasher.run(hasher.reserve().unwrap(), || -> () { panic!("on purpose") }).await;
    assert!(matches!(panicked, Err(ApiError::Internal)));
    assert_eq!(hasher.run(hasher.reserve().unwrap(), || 7).await.unwrap(), 7);
}
