//! Events in figures.

use super::{Event, Phases, Source};
use hdrhistogram::Histogram;
use std::{collections::BTreeMap, time::Duration};

/// Longest duration that is told apart from longer ones.
const LONGEST: u64 = 24 * 3600 * 1_000_000_000;
/// Digits of a duration that count: quantiles are right within a thousandth.
const DIGITS: u8 = 3;

/// Events in figures.
#[derive(Debug)]
pub struct Summary {
    /// Fetches.
    pub count: u64,
    /// Those that ended with an error.
    pub errors: u64,
    /// Those whose answers nobody wanted any longer.
    pub cancelled: u64,
    /// Attempts at AWS.
    pub attempts: u64,
    /// Bytes that came, as far as events tell.
    pub bytes: u64,
    sources: BTreeMap<Source, u64>,
    total: u128,
    durations: Option<Histogram<u64>>,
    phases: Phases,
    /// Events that tell their phases.
    phased: u32,
}

impl Default for Summary {
    fn default() -> Self {
        // Refused are only bounds and digits out of range, which these are not.
        let durations = Histogram::new_with_bounds(1, LONGEST, DIGITS).ok();
        Self {
            count: 0,
            errors: 0,
            cancelled: 0,
            attempts: 0,
            bytes: 0,
            sources: BTreeMap::new(),
            total: 0,
            durations,
            phases: Phases::default(),
            phased: 0,
        }
    }
}

impl Summary {
    fn add(&mut self, event: &Event) {
        // What was cut short took less than it would have.
        if let Some(duration) = event.duration.filter(|_| !event.was_cancelled()) {
            self.total += u128::from(duration);
            if let Some(durations) = &mut self.durations {
                durations.saturating_record(duration);
            }
        }
        if event.uncounted {
            return;
        }
        self.count += 1;
        self.cancelled += u64::from(event.was_cancelled());
        self.errors += u64::from(event.error.is_some() && !event.was_cancelled());
        if let Some(phases) = event.phases {
            self.phases += phases;
            self.phased += 1;
        }
        self.attempts += u64::from(event.attempts);
        self.bytes = self.bytes.saturating_add(event.bytes.unwrap_or(0));
        *self.sources.entry(event.source).or_default() += 1;
    }

    /// How many came from there.
    pub fn from(&self, source: Source) -> u64 {
        self.sources.get(&source).copied().unwrap_or(0)
    }

    /// How many calls the cache saved, and how many it could not.
    pub fn hits_and_misses(&self) -> (u64, u64) {
        let sum = |hit| {
            self.sources.iter().filter(|(source, _)| source.is_hit() == Some(hit)).map(|(_, n)| n).sum()
        };
        (sum(true), sum(false))
    }

    /// Hits of 100 that could have been some; `None` where nothing could.
    pub fn hit_rate(&self) -> Option<f64> {
        let (hits, misses) = self.hits_and_misses();
        #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits than a float has")]
        (hits + misses > 0).then(|| hits as f64 * 100.0 / (hits + misses) as f64)
    }

    /// How many were timed.
    pub fn timed(&self) -> u64 {
        self.durations.as_ref().map_or(0, Histogram::len)
    }

    /// The mean; `None` where nothing was timed.
    pub fn average(&self) -> Option<Duration> {
        let mean = self.total.checked_div(u128::from(self.durations.as_ref()?.len()))?;
        Some(Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)))
    }

    /// Where the time of what came from AWS went, in the mean; `None` where that is not known.
    pub fn phases(&self) -> Option<Phases> {
        (self.phased > 0).then(|| self.phases.parts(self.phased))
    }

    /// The duration below which such a part of all lies, 0 to 1, within a thousandth of it; `None` where nothing was timed.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let durations = self.durations.as_ref().filter(|durations| !durations.is_empty())?;
        Some(Duration::from_nanos(durations.value_at_quantile(part)))
    }
}

/// By what events are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// The service.
    Service,
    /// The operation.
    Operation,
    /// The region.
    Region,
    /// The profile.
    Profile,
    /// Where the answer came from.
    Cache,
    /// The error's code.
    Error,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Service, Self::Operation, Self::Region, Self::Profile, Self::Cache, Self::Error];

    /// As `service`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Operation => "operation",
            Self::Region => "region",
            Self::Profile => "profile",
            Self::Cache => "cache",
            Self::Error => "error",
        }
    }

    /// Where an event stands.
    pub fn of(self, event: &Event) -> Option<&str> {
        match self {
            Self::Service => Some(&event.service),
            Self::Operation => Some(&event.operation),
            Self::Region => event.region.as_deref(),
            Self::Profile => event.profile.as_deref(),
            Self::Cache => Some(event.source.name()),
            Self::Error => event.error.as_deref(),
        }
    }
}

/// The figures of each group of events, by name; without dimensions there is one group, also of no event.
pub fn summarise(events: &[Event], by: &[Dimension]) -> BTreeMap<Vec<Option<String>>, Summary> {
    let mut groups = BTreeMap::new();
    if by.is_empty() {
        groups.insert(Vec::new(), Summary::default());
    }
    for event in events {
        let group = by.iter().map(|dimension| dimension.of(event).map(String::from)).collect();
        groups.entry(group).or_default().add(event);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(source: Source, millis: u64) -> Event {
        Event { duration: Some(millis * 1_000_000), ..Event::new("ec2", "DescribeInstances", source) }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_durations() {
        let mut dice = fastrand::Rng::with_seed(7);
        let mut sorted: Vec<u64> = (0..10_000).map(|_| dice.u64(1..5_000)).collect();
        let events: Vec<Event> = sorted.iter().map(|millis| event(Source::Network, *millis)).collect();
        let summary = summarise(&events, &[]).remove(&Vec::new()).unwrap();
        sorted.sort_unstable();
        for (part, rank) in [(0.5, 4_999), (0.95, 9_499), (0.99, 9_899), (1.0, 9_999)] {
            let (told, exact) = (summary.quantile(part).unwrap(), Duration::from_millis(sorted[rank]));
            assert!(told.abs_diff(exact) <= exact / 500, "{part}: {told:?} for {exact:?}");
        }
        let mean = Duration::from_millis(sorted.iter().sum::<u64>()) / 10_000;
        assert_eq!(summary.average().unwrap(), mean);
    }

    #[test]
    fn rates_leave_out_what_could_be_no_hit() {
        let none = summarise(&[], &[]).remove(&Vec::new()).unwrap();
        assert_eq!((none.count, none.hit_rate(), none.average(), none.quantile(0.5)), (0, None, None, None));
        let uncounted = Event { uncounted: true, ..event(Source::Miss, 9) };
        let events = [Source::Memory, Source::Disk, Source::Shared, Source::Network, Source::Bypass];
        let mut events: Vec<Event> = events.map(|source| event(source, 1)).into();
        events.push(uncounted);
        let all = summarise(&events, &[]).remove(&Vec::new()).unwrap();
        assert_eq!((all.count, all.hits_and_misses(), all.hit_rate()), (5, (3, 1), Some(75.0)));
        assert_eq!(all.quantile(1.0).unwrap().as_millis(), 9, "it is timed, and not counted");
        let by = summarise(&events, &[Dimension::Service, Dimension::Cache]);
        assert_eq!(by.len(), 6);
        assert_eq!(by[&vec![Some("ec2".into()), Some("disk".into())]].from(Source::Disk), 1);
    }
}
