//! What the cache saved.

use super::{Event, Source};
use std::{collections::BTreeMap, time::Duration};

/// What the cache saved of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Savings {
    /// Answers from memory, from disk, and of calls that others had under way: calls that nobody made.
    pub memory: u64,
    /// See [`Self::memory`].
    pub disk: u64,
    /// See [`Self::memory`].
    pub shared: u64,
    /// From caches of scripts, whichever.
    pub other: u64,
    /// Calls that were made although an answer could have been kept.
    pub misses: u64,
    /// How much longer AWS would have taken: by the mean of what the same operation took there.
    pub time: Duration,
}

impl Savings {
    /// Calls that nobody made.
    pub fn calls(&self) -> u64 {
        self.memory + self.disk + self.shared + self.other
    }
}

/// Durations of one operation.
#[derive(Debug, Default)]
struct Durations {
    calls: u64,
    asked: u64,
    hits: u64,
    kept: u64,
}

/// What was saved, by service.
pub fn savings(events: &[Event]) -> BTreeMap<String, Savings> {
    let mut services: BTreeMap<String, Savings> = BTreeMap::new();
    let mut operations: BTreeMap<(&str, &str), Durations> = BTreeMap::new();
    for event in events.iter().filter(|event| !event.uncounted) {
        let service = services.entry(event.service.clone()).or_default();
        let counter = match event.source {
            Source::Memory => &mut service.memory,
            Source::Hit => &mut service.other,
            Source::Disk => &mut service.disk,
            Source::Shared => &mut service.shared,
            Source::Network | Source::Miss => &mut service.misses,
            Source::Bypass => continue,
        };
        *counter += 1;
        let Some(duration) = event.duration.filter(|_| event.error.is_none()) else { continue };
        let durations = operations.entry((&event.service, &event.operation)).or_default();
        if event.source.is_hit() == Some(true) {
            durations.hits += 1;
            durations.kept = durations.kept.saturating_add(duration);
        } else {
            durations.calls += 1;
            durations.asked = durations.asked.saturating_add(duration);
        }
    }
    for ((service, _), durations) in operations {
        let mean = durations.asked.checked_div(durations.calls).unwrap_or(0);
        let saved = mean.saturating_mul(durations.hits).saturating_sub(durations.kept);
        if let Some(service) = services.get_mut(service) {
            service.time += Duration::from_nanos(saved);
        }
    }
    services
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_saved_by_the_mean_of_the_operation() {
        let event = |operation: &str, source, millis: u64| Event {
            duration: Some(millis * 1_000_000),
            ..Event::new("ec2", operation, source)
        };
        let events = [
            event("DescribeInstances", Source::Network, 100),
            event("DescribeInstances", Source::Network, 300),
            event("DescribeInstances", Source::Memory, 1),
            event("DescribeInstances", Source::Disk, 9),
            event("DescribeInstances", Source::Shared, 150),
            // Never asked of AWS: nobody knows what it would have taken.
            event("DescribeVpcs", Source::Disk, 5),
            event("StopInstances", Source::Bypass, 700),
            Event { uncounted: true, ..event("DescribeInstances", Source::Memory, 1) },
            Event::new("sqs", "ListQueues", Source::Network),
        ];
        let by = savings(&events);
        let ec2 = by["ec2"];
        assert_eq!((ec2.memory, ec2.disk, ec2.shared, ec2.misses, ec2.calls()), (1, 2, 1, 2, 4));
        assert_eq!(ec2.time, Duration::from_millis(3 * 200 - 160));
        assert_eq!(by["sqs"], Savings { misses: 1, ..Savings::default() });
    }
}
