//! Streams: whole or not at all, and what others do meanwhile touches no replay.

use super::*;

fn page(number: i64) -> Value {
    let words = "eight of clubs ".repeat(usize::try_from(number % 7).unwrap() * 40);
    Value::test_list(vec![Value::test_int(number), Value::test_string(words)])
}

fn pages(count: i64) -> Vec<Value> {
    (0..count).map(page).collect()
}

impl Shop {
    fn record(&self, key: &str, pages: &[Value]) -> Option<Recording> {
        let cache = self.cache.clone();
        let begun =
            cache.record(&self.scope, &name(key), Some(Duration::from_mins(1)), Duration::from_mins(5));
        pages.iter().try_fold(begun?, |mut recording, page| {
            let packed = recording.pack(page)?;
            recording.write(&packed)
        })
    }
}

fn replay(cache: &Arc<Cache>, scope: &Scope, key: &str) -> Option<(&'static str, Vec<Value>)> {
    let mut replay = cache.replay(scope, &name(key), None)?;
    let tier = replay.tier.name();
    let pages = std::iter::from_fn(|| replay.next(Span::test_data())).map(|page| page.unwrap());
    Some((tier, pages.collect()))
}

#[test]
fn a_whole_stream_is_replayed_and_a_broken_off_one_leaves_nothing() {
    let shop = Shop::new();
    for count in [0, 1, 5] {
        let key = count.to_string();
        let recording = shop.record(&key, &pages(count)).unwrap();
        assert_eq!(replay(&shop.cache, &shop.scope, &key), None, "it is not whole yet");
        assert!(recording.finish());
        assert_eq!(replay(&shop.cache, &shop.scope, &key), Some(("memory", pages(count))));
        let other = shop.other();
        assert_eq!(replay(&other, &shop.scope, &key), Some(("disk", pages(count))));
        assert_eq!(replay(&other, &shop.scope, &key).unwrap().0, if count == 0 { "disk" } else { "memory" });
    }
    let files = shop.files().len();
    drop(shop.record("6", &pages(6)));
    assert_eq!((shop.files().len(), replay(&shop.cache, &shop.scope, "6")), (files, None));
    let listed = shop.other().list(&shop.scope);
    assert!(listed.iter().all(|entry| entry.kind == Kind::Stream && entry.unpacked.is_some()));
    assert_eq!((listed.len(), shop.cache.verify(&shop.scope)), (3, (3, 0)));
}

#[test]
fn every_damaged_byte_and_every_cut_is_a_miss() {
    let shop = Shop::new();
    assert!(shop.record("k", &pages(4)).unwrap().finish());
    let [file] = shop.files().try_into().unwrap();
    let good = fs::read(&file).unwrap();
    let damage = |bytes: &[u8], what: &str| {
        fs::write(&file, bytes).unwrap();
        let cache = shop.other();
        assert_eq!(replay(&cache, &shop.scope, "k"), None, "{what}");
        assert_eq!(cache.stats(&shop.scope)[1].corrupt, 1, "{what}");
        assert!(!file.exists(), "{what}");
    };
    for place in 0..good.len() {
        // A file of a later format is left alone, and is a miss as well.
        if place == 8 {
            continue;
        }
        let mut bad = good.clone();
        bad[place] ^= 0x80;
        damage(&bad, &format!("byte {place}"));
        damage(&good[..place], &format!("cut at {place}"));
    }
    damage(&[&good[..], b"x"].concat(), "a byte more");
    fs::write(&file, &good).unwrap();
    assert_eq!(replay(&shop.other(), &shop.scope, "k"), Some(("disk", pages(4))));
    // A stream is no value, and the other way round.
    assert!(shop.other().get(&shop.scope, &name("k"), None, Span::test_data()).is_none());
}

#[test]
fn a_replay_goes_on_whatever_happens_to_the_file() {
    let shop = Shop::new();
    assert!(shop.record("k", &pages(5)).unwrap().finish());
    let other = shop.other();
    let mut replay = other.replay(&shop.scope, &name("k"), None).unwrap();
    assert_eq!(replay.next(Span::test_data()).unwrap().unwrap(), page(0));
    shop.cache.clear(&shop.scope);
    assert!(shop.record("k", &pages(1)).unwrap().finish());
    shop.dial.forward(Duration::from_hours(1));
    let rest: Vec<Value> =
        std::iter::from_fn(|| replay.next(Span::test_data())).map(|page| page.unwrap()).collect();
    assert_eq!(rest, pages(5)[1..]);
}

#[test]
fn a_stream_is_as_old_as_its_beginning() {
    let shop = Shop::new();
    let recording = shop.record("k", &pages(2)).unwrap();
    shop.dial.forward(Duration::from_secs(40));
    assert!(recording.finish());
    for cache in [shop.cache.clone(), shop.other()] {
        let kept = |max| cache.replay(&shop.scope, &name("k"), max);
        assert_eq!(kept(None).unwrap().age.as_secs(), 40);
        assert!(kept(Some(Duration::from_secs(39))).is_none());
    }
    // Promotion from the disk keeps the age as well.
    let other = shop.other();
    replay(&other, &shop.scope, "k").unwrap();
    shop.dial.forward(Duration::from_secs(19));
    assert_eq!(replay(&other, &shop.scope, "k").unwrap().0, "memory");
    shop.dial.forward(Duration::from_secs(1));
    assert_eq!(replay(&other, &shop.scope, "k"), None);
    assert_eq!(replay(&shop.cache, &shop.scope, "k"), None);
}

#[test]
fn an_old_stream_is_of_use_for_a_while() {
    let shop = Shop::new();
    assert!(shop.record("k", &pages(2)).unwrap().finish());
    let reader = shop.other();
    let read = |cache: &Arc<Cache>, longest| {
        let mut replay = cache.replay_stale(&shop.scope, &name("k"), Duration::from_secs(longest))?;
        assert_eq!(replay.ttl, Some(Duration::from_mins(1)));
        let told = (replay.tier.name(), replay.age.as_secs());
        let read = std::iter::from_fn(|| replay.next(Span::test_data())).map(|page| page.unwrap());
        assert_eq!(read.collect::<Vec<Value>>(), pages(2));
        Some(told)
    };
    shop.dial.forward(Duration::from_secs(65));
    for cache in [&shop.cache, &reader] {
        assert!(replay(cache, &shop.scope, "k").is_none() && read(cache, 5).is_none());
    }
    assert_eq!(read(&shop.cache, 6), Some(("memory", 65)));
    assert_eq!((read(&reader, 6), read(&reader, 6)), (Some(("disk", 65)), Some(("memory", 65))));
    // Not for longer than it was kept for, whoever asks, and from the disk as long as from memory.
    shop.dial.forward(Duration::from_secs(294));
    assert_eq!(
        (read(&reader, 3600), read(&shop.other(), 3600)),
        (Some(("memory", 359)), Some(("disk", 359)))
    );
    shop.dial.forward(Duration::from_secs(1));
    assert_eq!((read(&reader, 3600), read(&shop.other(), 3600)), (None, None));
}

#[test]
fn a_large_stream_is_kept_on_disk_alone_and_a_huge_one_nowhere() {
    let mut shop = Shop::new();
    shop.scope.memory_limit = 20_000;
    assert!(shop.record("large", &pages(12)).unwrap().finish());
    assert_eq!(replay(&shop.cache, &shop.scope, "large"), Some(("disk", pages(12))));
    assert_eq!(replay(&shop.cache, &shop.scope, "large").unwrap().0, "disk");
    shop.scope.disk_limit = 5_000;
    assert!(shop.record("huge", &pages(12)).is_none());
    assert_eq!(replay(&shop.cache, &shop.scope, "huge"), None);
    shop.scope.disk_limit = 0;
    assert!(shop.record("small", &pages(1)).unwrap().finish());
    assert_eq!(replay(&shop.cache, &shop.scope, "small").unwrap().0, "memory");
    shop.scope.memory_limit = 0;
    assert!(shop.cache.record(&shop.scope, &name("none"), None, Duration::ZERO).is_none());
}

#[test]
fn a_folder_that_is_deleted_meanwhile_is_no_fault() {
    let shop = Shop::new();
    let recording = shop.record("k", &pages(2)).unwrap();
    fs::remove_dir_all(shop.scope.directory.as_ref().unwrap()).unwrap();
    assert!(recording.finish(), "memory has it");
    assert!(shop.record("k", &pages(2)).unwrap().finish());
    assert_eq!(replay(&shop.other(), &shop.scope, "k"), Some(("disk", pages(2))));
    assert_eq!(shop.cache.take_warning(), None);
}

/// A stream's file of format 1, written when it was made: it is read for ever.
#[test]
fn streams_of_the_first_format_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stream");
    fs::write(&file, include_bytes!("../golden/v1-stream")).unwrap();
    let hash = name("k").hash;
    let file = fs::File::open(file).unwrap();
    let mut reader = super::super::pages::Reader::open(file, Some(&hash)).unwrap().unwrap();
    assert_eq!((reader.extent.pages, reader.about.key.as_str()), (3, "k"));
    let read =
        std::iter::from_fn(|| reader.next()).map(|raw| codec::decode(&raw.unwrap(), Span::test_data()));
    assert_eq!(read.collect::<Result<Vec<Value>, String>>().unwrap(), pages(3));
}
