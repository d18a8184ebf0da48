//! A private Redis that is replicated, with Sentinels that watch over it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::inline::ask;
use super::{Redis, Setup};
use crate::{Options, StackError, wait};

/// What the Sentinels call it.
const NAME: &str = "pollster";
const SENTINELS: usize = 3;
/// Sentinels that must agree that the primary is down.
const QUORUM: usize = 2;
/// How the Sentinels watch. Far quicker than by default: a test waits for it.
const WATCH: [&str; 3] =
    ["down-after-milliseconds NAME 1000", "failover-timeout NAME 4000", "parallel-syncs NAME 1"];
/// How old what a replica said last may be, in seconds, for it to count as one that follows.
const MAX_LAG: u32 = 3;
/// How long they may take to agree. A primary that comes back too late is left alone for eight seconds.
const AGREE_DEADLINE: Duration = Duration::from_secs(60);

/// A primary with replicas, and three Sentinels. Which one is the primary changes.
#[derive(Debug)]
pub struct RedisSentinels {
    dir: PathBuf,
    members: Vec<Redis>,
    sentinels: Vec<Redis>,
}

impl RedisSentinels {
    /// Starts them in folders in `dir`, and waits until the Sentinels know all of them and the replicas follow. The
    /// primary is member 0 at first. It refuses to write while fewer than `min_replicas` replicas follow it.
    ///
    /// # Errors
    /// As [`Redis::start`]; `TooSlow` where they do not agree.
    pub fn start(dir: &Path, replicas: usize, min_replicas: u32) -> Result<Self, StackError> {
        let primary = member(&dir.join("member-0"), None, min_replicas)?;
        let port = primary.port();
        let mut members = vec![primary];
        for number in 1..=replicas {
            members.push(member(&dir.join(format!("member-{number}")), Some(port), min_replicas)?);
        }
        let folders = (0..SENTINELS).map(|number| dir.join(format!("sentinel-{number}")));
        let sentinels = folders.map(|folder| sentinel(&folder, port)).collect::<Result<_, _>>()?;
        let started = Self { dir: dir.to_owned(), members, sentinels };
        started.wait_until_it_works()?;
        Ok(started)
    }

    /// Where clients find it: by the Sentinels.
    pub fn url(&self) -> String {
        let sentinels: Vec<String> =
            self.sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port())).collect();
        format!("redis+sentinel://{}/{NAME}", sentinels.join(","))
    }

    /// The servers that hold data.
    pub fn members(&mut self) -> &mut [Redis] {
        &mut self.members
    }

    /// Those that watch over them.
    pub fn sentinels(&mut self) -> &mut [Redis] {
        &mut self.sentinels
    }

    /// The member that most of the Sentinels say is the primary.
    pub fn primary(&self) -> Option<usize> {
        let votes: Vec<Option<usize>> =
            self.sentinels.iter().map(|sentinel| self.named_by(sentinel)).collect();
        let has_most = |member: &usize| votes.iter().filter(|vote| **vote == Some(*member)).count() >= QUORUM;
        (0..self.members.len()).find(has_most)
    }

    /// Has a member refuse replicas, or take them again: as if the network between them were cut, while clients and
    /// Sentinels go on.
    ///
    /// # Errors
    /// Those of the member.
    pub fn set_replication_cut(&self, member: usize, is_cut: bool) -> Result<(), StackError> {
        let sign = if is_cut { '-' } else { '+' };
        // A replica that is refused the one tries the other.
        let set = format!("ACL SETUSER default {sign}psync {sign}sync");
        let told = ask(self.members[member].port(), &[&set, "CLIENT KILL TYPE replica"]);
        told.map(drop).map_err(StackError::io("ACL SETUSER"))
    }

    /// Has the Sentinels make a replica the primary, though nothing is wrong.
    ///
    /// # Errors
    /// Theirs.
    pub fn fail_over(&self) -> Result<(), StackError> {
        let command = format!("SENTINEL FAILOVER {NAME}");
        let answer = ask(self.sentinels[0].port(), &[&command]).and_then(|answer| {
            if answer.starts_with("+OK") { Ok(()) } else { Err(std::io::Error::other(answer)) }
        });
        answer.map_err(StackError::io("SENTINEL FAILOVER"))
    }

    /// Waits until the Sentinels know one primary, one another and every replica, and all replicas follow.
    ///
    /// # Errors
    /// `TooSlow`.
    pub fn wait_until_it_works(&self) -> Result<(), StackError> {
        let log = self.dir.join("sentinel-0/server.log");
        wait::until("agreement among Redis Sentinels", AGREE_DEADLINE, &log, || {
            Ok(self.works().then_some(()))
        })
    }

    /// Whether that is so now.
    pub fn works(&self) -> bool {
        let Some(primary) = self.primary() else { return false };
        let replicas = self.members.len() - 1;
        let sees_all = |sentinel: &Redis| {
            self.named_by(sentinel) == Some(primary)
                && ask(sentinel.port(), &["INFO sentinel"]).is_ok_and(|told| {
                    told.contains(&format!("status=ok,address=127.0.0.1:{}", self.members[primary].port()))
                        && told.contains(&format!("slaves={replicas},sentinels={SENTINELS}"))
                })
        };
        let follow = ask(self.members[primary].port(), &["INFO replication"]).is_ok_and(|told| {
            told.contains("role:master") && told.matches("state=online").count() == replicas
        });
        follow && self.sentinels.iter().all(sees_all)
    }

    /// The member that this Sentinel says is the primary.
    fn named_by(&self, sentinel: &Redis) -> Option<usize> {
        let told = ask(sentinel.port(), &[&format!("SENTINEL get-master-addr-by-name {NAME}")]).ok()?;
        let port: u16 = told.lines().nth(4)?.parse().ok()?;
        self.members.iter().position(|member| member.port() == port)
    }
}

/// With a file, in which the server keeps whose replica it is: a demoted primary comes back as what it became.
fn member(dir: &Path, primary: Option<u16>, min_replicas: u32) -> Result<Redis, StackError> {
    let role = primary.map(|port| format!("replicaof 127.0.0.1 {port}\n"));
    let file = write(dir, "redis.conf", &role.unwrap_or_default())?;
    let (min_replicas, max_lag) = (min_replicas.to_string(), MAX_LAG.to_string());
    let settings = [
        ["--min-replicas-to-write", &min_replicas],
        ["--min-replicas-max-lag", &max_lag],
        // By default it waits five seconds for more replicas to come.
        ["--repl-diskless-sync-delay", "0"],
    ];
    let settings = settings.concat().into_iter().map(str::to_owned).collect();
    Redis::launch(dir, Options::default(), Setup { file: Some(file), settings, is_sentinel: false })
}

fn sentinel(dir: &Path, primary: u16) -> Result<Redis, StackError> {
    let mut text = format!("sentinel monitor {NAME} 127.0.0.1 {primary} {QUORUM}\n");
    for setting in WATCH {
        text.push_str(&format!("sentinel {}\n", setting.replace("NAME", NAME)));
    }
    let file = write(dir, "sentinel.conf", &text)?;
    Redis::launch(
        dir,
        Options::default(),
        Setup { file: Some(file), settings: Vec::new(), is_sentinel: true },
    )
}

fn write(dir: &Path, name: &str, text: &str) -> Result<PathBuf, StackError> {
    let file = dir.join(name);
    std::fs::create_dir_all(dir).map_err(StackError::io(format!("making {}", dir.display())))?;
    std::fs::write(&file, text).map_err(StackError::io(format!("writing {}", file.display())))?;
    Ok(file)
}
