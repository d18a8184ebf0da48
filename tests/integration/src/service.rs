//! One of our programs, as a process that can be hurt.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pollster_bench::client::{Client, metric};
use pollster_stack::{Exit, Lifetime, Program, Signal, free_port, tail};

use crate::wait::{DEADLINE, blocking, wait_until};

/// Somebody else may take a port between its choice and its use.
const PORT_TRIES: u32 = 5;

/// What to start.
#[derive(Debug, Clone)]
pub struct Spec {
    /// Its name, such as `pollster-gateway`.
    pub program: &'static str,
    /// Its arguments.
    pub args: &'static [&'static str],
    /// Whether it serves more than its admin listener.
    pub listens: bool,
    /// Its variables, but for those of its listeners.
    pub env: Vec<(String, String)>,
    /// Where it logs.
    pub log: PathBuf,
}

/// A program of ours, running or not.
#[derive(Debug)]
pub struct Service {
    spec: Spec,
    listen: SocketAddr,
    admin: SocketAddr,
    program: Arc<Mutex<Option<Program>>>,
}

/// Its end before it was ready.
struct Ended {
    port_taken: bool,
    log: String,
}

impl Service {
    /// Starts it on free ports and waits until it is ready.
    ///
    /// # Panics
    /// When it ends instead, or no port stays free.
    pub async fn start(spec: Spec) -> Self {
        for _ in 0..PORT_TRIES {
            let service = Self::unstarted(spec.clone());
            match service.launch().await {
                Ok(()) => return service,
                Err(ended) if ended.port_taken => {}
                Err(ended) => panic!("{} ended before it was ready:\n{}", spec.program, ended.log),
            }
        }
        panic!("{}: no port stayed free", spec.program);
    }

    /// One that is not started: it may need what is away.
    pub fn unstarted(spec: Spec) -> Self {
        let port = || SocketAddr::from((Ipv4Addr::LOCALHOST, free_port().expect("a free port")));
        Self { spec, listen: port(), admin: port(), program: Arc::default() }
    }

    /// Starts it on its ports, killing it first should it still run, and leaves it alone: it may need what is away.
    pub async fn spawn(&self) {
        let mut env = self.spec.env.clone();
        env.push(("LISTEN".to_owned(), self.listen.to_string()));
        env.push(("ADMIN_LISTEN".to_owned(), self.admin.to_string()));
        let Spec { program, args, log, .. } = self.spec.clone();
        self.with(move |slot| {
            drop(slot.take());
            *slot = Some(
                Program::start_with(program, args, &env, &log, Lifetime::WithParent)
                    .expect("the program is built"),
            );
        })
        .await;
    }

    async fn launch(&self) -> Result<(), Ended> {
        let before = self.log().len();
        self.spawn().await;
        wait_until(&format!("{} is ready", self.spec.program), DEADLINE, async || {
            if self.has_ended().await {
                let log = self.log().split_off(before);
                return Some(Err(Ended { port_taken: log.contains("can't listen on"), log }));
            }
            self.is_ready().await.then_some(Ok(()))
        })
        .await
    }

    /// Whether it says that it can do its work.
    pub async fn is_ready(&self) -> bool {
        let address = if self.spec.listens { self.listen } else { self.admin };
        let mut client = Client::new(address).with_timeout(Duration::from_secs(5));
        client.get("/readyz").await.is_ok_and(|reply| reply.status == 200)
    }

    /// Where it serves its clients (a gateway).
    pub fn address(&self) -> SocketAddr {
        self.listen
    }

    /// Where it serves metrics and health.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// What it logged last.
    pub fn log_tail(&self) -> String {
        format!("{}:\n{}\n", self.spec.program, tail(&self.spec.log))
    }

    /// All it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.spec.log).unwrap_or_default()
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    pub async fn kill(&self) {
        self.with(|slot| drop(slot.take())).await;
    }

    /// Stops it (SIGSTOP) and waits until it stands still.
    pub async fn stop(&self) {
        let pid = self.pid().await;
        self.signal(Signal::STOP).await;
        wait_until("the program stands still", DEADLINE, async || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let state = stat.rsplit_once(") ").map(|(_, rest)| rest.starts_with('T'));
            state.unwrap_or(false).then_some(())
        })
        .await;
    }

    /// Lets it go on after [`stop`](Self::stop).
    pub async fn cont(&self) {
        self.signal(Signal::CONT).await;
    }

    /// Asks it to end (SIGTERM) without waiting for that.
    pub async fn ask_to_end(&self) {
        self.signal(Signal::TERM).await;
    }

    /// Waits for its end.
    pub async fn ended(&self) -> Exit {
        self.with(|slot| {
            let mut program = slot.take().expect("it was started");
            program.wait(DEADLINE).expect("it ends in time")
        })
        .await
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub async fn terminate(&self) -> Exit {
        self.ask_to_end().await;
        self.ended().await
    }

    /// Starts it again on the same ports, killing it first should it still run, and waits until it is ready.
    ///
    /// # Panics
    /// When it ends instead.
    pub async fn restart(&self) {
        if let Err(ended) = self.launch().await {
            panic!("{} ended before it was ready again:\n{}", self.spec.program, ended.log);
        }
    }

    /// Its process's id.
    pub async fn pid(&self) -> u32 {
        self.with(|slot| slot.as_ref().expect("it runs").pid()).await
    }

    /// The text of its `/metrics`.
    pub async fn metrics(&self) -> String {
        let reply = Client::new(self.admin).get("/metrics").await.expect("/metrics is served");
        assert_eq!(reply.status, 200);
        reply.text()
    }

    /// The value of a metric, summed over its labels; 0 where nothing was counted yet.
    pub async fn metric(&self, name: &str) -> f64 {
        metric(&self.metrics().await, name)
    }

    /// Whether it has ended, by itself or killed.
    pub async fn has_ended(&self) -> bool {
        self.with(|slot| {
            slot.as_mut()
                .is_none_or(|program| program.process().ended().expect("its state is known").is_some())
        })
        .await
    }

    async fn signal(&self, signal: Signal) {
        self.with(move |slot| slot.as_mut().expect("it runs").signal(signal).expect("it takes a signal"))
            .await;
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Option<Program>) -> T + Send + 'static,
    ) -> T {
        let program = self.program.clone();
        blocking(move || work(&mut program.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}
