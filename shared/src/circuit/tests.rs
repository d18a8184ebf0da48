use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, advance, sleep};

use super::*;
use crate::shutdown::Shutdown;

/// What a probe finds.
#[derive(Debug, Clone, Copy)]
enum Server {
    There,
    Gone,
    Silent,
}

/// A server, and how it was asked.
struct Bed {
    circuit: Circuit,
    gauge: Gauge,
    server: Arc<Mutex<Server>>,
    probes: Arc<Mutex<Vec<Instant>>>,
    at_once: Arc<AtomicUsize>,
}

impl Bed {
    /// A circuit that is watched.
    fn new(server: Server) -> Self {
        let (gauge, server) = (Gauge::default(), Arc::new(Mutex::new(server)));
        let (probes, at_once) = (Arc::<Mutex<Vec<Instant>>>::default(), Arc::<AtomicUsize>::default());
        let (asked, state, now) = (probes.clone(), server.clone(), at_once.clone());
        let probe: Probe = Box::new(move || {
            asked.lock().unwrap().push(Instant::now());
            assert_eq!(now.fetch_add(1, Ordering::SeqCst), 0, "two probes at once");
            let (found, ending) = (*state.lock().unwrap(), Ending(now.clone()));
            async move {
                let _ending = ending;
                sleep(Duration::from_millis(10)).await;
                match found {
                    Server::There => Ok(()),
                    Server::Gone => Err("refused".to_owned()),
                    Server::Silent => std::future::pending().await,
                }
            }
            .boxed()
        });
        let (circuit, watch) = Circuit::new("server", gauge.clone(), probe);
        tokio::spawn(watch.run(Shutdown::new()));
        Self { circuit, gauge, server, probes, at_once }
    }

    fn fail(&self, times: u64) {
        let permit = self.circuit.enter().unwrap();
        (0..times).for_each(|_| self.circuit.failed(permit, &"refused"));
    }

    fn becomes(&self, server: Server) {
        *self.server.lock().unwrap() = server;
    }

    /// Milliseconds from `start` to each probe.
    fn probed(&self, start: Instant) -> Vec<u128> {
        self.probes.lock().unwrap().iter().map(|at| at.duration_since(start).as_millis()).collect()
    }
}

/// The end of a probe, by an answer or because nobody waits any more.
struct Ending(Arc<AtomicUsize>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Lets time pass in steps in which everything gets its turn.
async fn pass(milliseconds: u64) {
    for _ in 0..milliseconds {
        advance(Duration::from_millis(1)).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_opens_at_a_few_failures_in_a_row() {
    let bed = Bed::new(Server::There);
    let permit = bed.circuit.enter().unwrap();
    for _ in 0..3 {
        bed.fail(FAILURES - 1);
        bed.circuit.succeeded(permit);
    }
    assert!(!bed.circuit.is_open(), "there was a success between");
    bed.fail(FAILURES);
    assert!(bed.circuit.is_open());
    assert_eq!(bed.circuit.enter().unwrap_err().to_string(), "server does not answer: the circuit is open");
    assert_eq!(bed.gauge.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_closes_it() {
    let bed = Bed::new(Server::Gone);
    let start = Instant::now();
    bed.fail(FAILURES);
    pass(500).await;
    let probed = bed.probed(start);
    assert!(
        probed[0] <= 1 && (210..215).contains(&probed[1]),
        "at once, then every now and then: {probed:?}"
    );
    assert!(bed.circuit.enter().is_err());
    bed.becomes(Server::There);
    pass(250).await;
    assert!(bed.circuit.enter().is_ok());
    assert_eq!((bed.gauge.get(), bed.circuit.closings()), (0, 1));
    let probes = bed.probed(start).len();
    pass(2000).await;
    assert!(bed.probed(start).len() <= probes + 1, "nobody asks a server that is there");
}

#[tokio::test(start_paused = true)]
async fn however_many_fail_one_probe_at_a_time_is_sent() {
    let bed = Bed::new(Server::Silent);
    let start = Instant::now();
    let permit = bed.circuit.enter().unwrap();
    for _ in 0..100 {
        let circuit = bed.circuit.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                circuit.failed(permit, &"refused");
                sleep(Duration::from_millis(100)).await;
            }
        });
    }
    pass(4000).await;
    // The probe itself asserts that it is alone.
    assert_eq!(bed.probed(start).len(), 4, "each is given up after a second");
    bed.becomes(Server::There);
    pass(1300).await;
    assert!(!bed.circuit.is_open());
    assert_eq!(bed.at_once.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn one_failure_has_the_server_asked_so_that_it_opens_without_more_requests() {
    let bed = Bed::new(Server::Gone);
    bed.fail(1);
    pass(100).await;
    assert!(!bed.circuit.is_open());
    pass(500).await;
    assert!(bed.circuit.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_suspicion_opens_nothing_while_the_server_answers() {
    let bed = Bed::new(Server::There);
    let start = Instant::now();
    for _ in 0..10 {
        bed.circuit.suspect();
        pass(100).await;
    }
    assert_eq!(bed.probed(start).len(), 10);
    assert!(!bed.circuit.is_open());
}

#[tokio::test(start_paused = true)]
async fn what_began_before_it_opened_or_closed_is_not_heard() {
    let bed = Bed::new(Server::Gone);
    let before = bed.circuit.enter().unwrap();
    bed.fail(FAILURES);
    pass(50).await;
    bed.circuit.succeeded(before);
    assert!(bed.circuit.is_open(), "an answer from before the outage");
    bed.becomes(Server::There);
    pass(300).await;
    (0..2 * FAILURES).for_each(|_| bed.circuit.failed(before, &"timed out"));
    assert!(!bed.circuit.is_open(), "a failure from before the end of the outage");
    bed.fail(FAILURES - 1);
    bed.circuit.succeeded(before);
    bed.fail(1);
    assert!(bed.circuit.is_open(), "no success since");
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_began_before_it_opened_does_not_close_it() {
    let bed = Bed::new(Server::There);
    let start = Instant::now();
    bed.circuit.suspect();
    pass(5).await;
    bed.becomes(Server::Gone);
    bed.fail(FAILURES);
    pass(50).await;
    assert!(bed.circuit.is_open());
    assert_eq!(bed.probed(start).len(), 2, "it is asked again at once");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_server_learns_that_it_opened() {
    let bed = Bed::new(Server::Gone);
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let circuit = bed.circuit.clone();
            tokio::spawn(async move { circuit.opened().await })
        })
        .collect();
    pass(10).await;
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    bed.fail(FAILURES);
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap(), bed.circuit.enter().unwrap_err());
    }
    assert_eq!(bed.circuit.opened().await, bed.circuit.enter().unwrap_err(), "also who comes late");
}
