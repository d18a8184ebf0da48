//! A histogram whose observations are two atomic additions: the library's own takes a lock for each, on every vote's
//! way.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;

/// How many observations fell between which bounds, and their sum.
#[derive(Debug, Clone)]
pub struct Histogram(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Each bucket's upper bound, ascending, and how many it has beyond the bound before.
    buckets: Vec<(f64, Counter)>,
    sum: Counter<f64, AtomicU64>,
}

impl Histogram {
    /// A histogram of these upper bounds, which must ascend; what is beyond the last one is counted as well.
    pub fn new(bounds: impl IntoIterator<Item = f64>) -> Self {
        let bounds = bounds.into_iter().chain([f64::INFINITY]);
        let buckets = bounds.map(|bound| (bound, Counter::default())).collect();
        Self(Arc::new(Inner { buckets, sum: Counter::default() }))
    }

    /// Counts an observation, which must not be negative.
    pub fn observe(&self, value: f64) {
        let Inner { buckets, sum } = &*self.0;
        let bucket = buckets.partition_point(|(bound, _)| *bound < value);
        buckets[bucket.min(buckets.len() - 1)].1.inc();
        sum.inc_by(value);
    }
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let buckets: Vec<(f64, u64)> =
            self.0.buckets.iter().map(|(bound, counter)| (*bound, counter.get())).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        encoder.encode_histogram::<NoLabelSet>(self.0.sum.get(), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::metrics::histogram::Histogram as Theirs;
    use prometheus_client::registry::Registry;
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: [f64; 3] = [0.5, 1.0, 4.0];

    /// What is shown of ours, and of the library's own, after the same observations.
    fn shown(observations: &[f64]) -> [String; 2] {
        let (ours, theirs) = (Histogram::new(BOUNDS), Theirs::new(BOUNDS));
        for &value in observations {
            ours.observe(value);
            theirs.observe(value);
        }
        let text = |register: &dyn Fn(&mut Registry)| {
            let (mut registry, mut text) = (Registry::default(), String::new());
            register(&mut registry);
            encode(&mut text, &registry).unwrap();
            text
        };
        [
            text(&|registry| registry.register("waits", "Waits", ours.clone())),
            text(&|registry| registry.register("waits", "Waits", theirs.clone())),
        ]
    }

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let [ours, _] = shown(&[0.0, 0.5, 0.75, 4.0, 4.5, 1e9]);
        for line in ["{le=\"0.5\"} 2", "{le=\"1.0\"} 3", "{le=\"4.0\"} 4", "{le=\"+Inf\"} 6"] {
            assert!(ours.contains(&format!("waits_bucket{line}")), "{ours}");
        }
        assert!(ours.contains("waits_count 6"), "{ours}");
    }

    proptest! {
        #[test]
        fn it_shows_what_the_library_s_own_shows(observations in prop::collection::vec(0.0..10.0, 0..40)) {
            let [ours, theirs] = shown(&observations);
            prop_assert_eq!(ours, theirs);
        }
    }
}
