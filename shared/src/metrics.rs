//! What the metrics of all programs have in common. Each program has a struct of its own, registered
//! once; counting is an atomic addition.

mod histogram;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

pub use histogram::Histogram;

use crate::database::Pool;

/// A registry with the prefix of all our metrics, and those of the process itself.
pub fn registry() -> Registry {
    let mut registry = Registry::with_prefix("pollster");
    registry.register_collector(Box::new(Process));
    registry
}

/// A histogram of seconds from 0.5 ms to 16 s, a bucket each doubling. Half a second is a bound, as alerts ask how many
/// took longer.
pub fn seconds() -> Histogram {
    Histogram::new((0..16).map(|n| 16.0 / f64::from(0x8000 >> n)))
}

/// A histogram of numbers of rows from 1 to 4,096.
pub fn rows() -> Histogram {
    Histogram::new((0..13).map(|n| f64::from(1 << n)))
}

/// Adds the gauges of a pool of connections to PostgreSQL.
pub fn register_pool(registry: &mut Registry, pool: Pool) {
    registry.register_collector(Box::new(PoolGauges(pool)));
}

/// A pool's state, asked for when the metrics are.
#[derive(Debug)]
struct PoolGauges(Pool);

impl Collector for PoolGauges {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let state = self.0.state();
        let mut gauge = |name, help, value: u32| {
            let gauge = ConstGauge::new(i64::from(value));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge("database_pool_connections", "Connections to PostgreSQL", state.connections)?;
        gauge("database_pool_idle", "Connections to PostgreSQL that nobody uses", state.idle)
    }
}

/// CPU, memory and descriptors of this process, read from `/proc` when asked for.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut gauge = |name, help, value: Option<f64>| match value {
            Some(value) => {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
            }
            None => Ok(()),
        };
        gauge("process_resident_memory_bytes", "Memory in use", resident_bytes())?;
        gauge("process_open_fds", "Open file descriptors", open_descriptors())?;
        if let Some(seconds) = cpu_seconds() {
            let counter = ConstCounter::new(seconds);
            let help = "Processor time used, user and system";
            counter.encode(encoder.encode_descriptor(
                "process_cpu_seconds",
                help,
                None,
                counter.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

/// Linux's page size and clock ticks on every platform that we ship for.
const PAGE_BYTES: f64 = 4096.0;
const TICKS_PER_SECOND: f64 = 100.0;

fn resident_bytes() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<f64>().ok()? * PAGE_BYTES)
}

fn open_descriptors() -> Option<f64> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count() as f64)
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name, in parentheses, may hold spaces; user and system time are fields 14 and 15.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks / TICKS_PER_SECOND)
}
