//! The cache against a map.

use super::*;
use proptest::{collection::vec, prelude::*};
use std::collections::HashMap;

#[derive(Debug, Clone)]
enum Act {
    Put(u8, i64, Option<u64>),
    Get(u8),
    Remove(u8),
    Wait(u64),
    Reopen,
    Prune,
    Clear,
    Damage(prop::sample::Index, prop::sample::Index),
    Jump(bool),
}

/// Ten years, by which somebody sets the clock.
const JUMP: Duration = Duration::from_hours(10 * 365 * 24);

/// Cases; the soak test asks for more.
fn cases() -> u32 {
    std::env::var("AWS_PERF_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1000)
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..6_u8, any::<i64>(), proptest::option::of(1..100_u64)).prop_map(|(k, v, t)| Act::Put(k, v, t)),
        6 => (0..6_u8).prop_map(Act::Get),
        1 => (0..6_u8).prop_map(Act::Remove),
        2 => (1..60_u64).prop_map(Act::Wait),
        1 => Just(Act::Reopen),
        1 => Just(Act::Prune),
        1 => Just(Act::Clear),
        1 => any::<(prop::sample::Index, prop::sample::Index)>().prop_map(|(a, b)| Act::Damage(a, b)),
        1 => any::<bool>().prop_map(Act::Jump),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Against a map: the exact value, or a miss where something was damaged or the clock was set; never a stale or
    /// foreign one.
    #[test]
    fn it_is_a_map_that_may_forget_what_was_damaged(acts in vec(any_act(), 1..100)) {
        let mut shop = Shop::new();
        let mut map: HashMap<u8, (i64, Option<u64>, u64)> = HashMap::new();
        let (mut now, mut may_miss) = (0_u64, false);
        for act in acts {
            match act {
                Act::Put(key, value, ttl) => {
                    shop.put(&key.to_string(), value, ttl);
                    map.insert(key, (value, ttl, now));
                }
                Act::Get(key) => {
                    let live = map.get(&key).filter(|(_, ttl, at)| ttl.is_none_or(|ttl| now - at < ttl));
                    let found = shop.get(&key.to_string()).map(|(value, _)| value);
                    let expected = live.map(|(value, ..)| *value);
                    prop_assert!(found == expected || found.is_none() && may_miss, "{found:?} for {expected:?}");
                }
                Act::Remove(key) => {
                    shop.cache.remove(&shop.scope, &name(&key.to_string()));
                    map.remove(&key);
                }
                Act::Wait(seconds) => {
                    shop.dial.forward(Duration::from_secs(seconds));
                    now += seconds;
                }
                Act::Reopen => shop.cache = shop.other(),
                Act::Prune => drop(shop.cache.prune(&shop.scope, false)),
                Act::Clear => {
                    shop.cache.clear(&shop.scope);
                    map.clear();
                }
                Act::Damage(which, place) => {
                    let Some(_) = shop.scope.directory.as_ref().filter(|path| path.join("v1").exists()) else {
                        continue;
                    };
                    let files = shop.files();
                    if files.is_empty() {
                        continue;
                    }
                    let file = which.get(&files);
                    // Somebody prunes in the background.
                    let Ok(mut bytes) = fs::read(file) else { continue };
                    let place = place.index(bytes.len());
                    bytes[place] ^= 0x10;
                    fs::write(file, bytes).unwrap();
                    may_miss = true;
                }
                Act::Jump(ahead) => {
                    shop.dial.set(|now| if ahead { now + JUMP } else { now - JUMP });
                    may_miss = true;
                }
            }
        }
    }
}
