use super::*;
use std::{
    fs,
    sync::Mutex,
    time::{Instant, SystemTime},
};

mod model;
mod safety;
mod streams;

/// A clock that a test turns.
#[derive(Debug)]
struct Dial(Mutex<(SystemTime, Instant)>);

impl Dial {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((SystemTime::now(), Instant::now()))))
    }

    fn forward(&self, time: Duration) {
        let mut both = self.0.lock().unwrap();
        *both = (both.0 + time, both.1 + time);
    }

    /// The time of day alone, as when somebody sets the clock.
    fn set(&self, change: impl FnOnce(SystemTime) -> SystemTime) {
        let mut both = self.0.lock().unwrap();
        both.0 = change(both.0);
    }
}

impl Clock for Dial {
    fn now(&self) -> SystemTime {
        self.0.lock().unwrap().0
    }

    fn instant(&self) -> Instant {
        self.0.lock().unwrap().1
    }
}

fn name(key: &str) -> Name {
    Name::chosen(key).unwrap()
}

struct Shop {
    _folder: tempfile::TempDir,
    dial: Arc<Dial>,
    cache: Arc<Cache>,
    scope: Scope,
}

impl Shop {
    fn new() -> Self {
        let (folder, dial) = (tempfile::tempdir().unwrap(), Dial::new());
        let scope = Scope {
            directory: Some(folder.path().join("cache")),
            memory_limit: 1 << 20,
            disk_limit: 1 << 20,
        };
        Self { cache: Arc::new(Cache::with_clock(dial.clone())), _folder: folder, dial, scope }
    }

    /// What another process would see.
    fn other(&self) -> Arc<Cache> {
        Arc::new(Cache::with_clock(self.dial.clone()))
    }

    fn put(&self, key: &str, number: i64, ttl: Option<u64>) {
        self.cache
            .put(&self.scope, &name(key), &Value::test_int(number), ttl.map(Duration::from_secs))
            .unwrap();
    }

    fn get(&self, key: &str) -> Option<(i64, &'static str)> {
        seen(&self.cache, &self.scope, key)
    }

    /// Prunes, when whoever prunes in the background after the first write is done.
    fn prune(&self, scope: &Scope, dry_run: bool) -> Vec<Pruned> {
        loop {
            if let Some(pruned) = self.cache.prune(scope, dry_run) {
                return pruned;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The files of entries.
    fn files(&self) -> Vec<PathBuf> {
        let bucket = self.scope.directory.as_ref().unwrap().join("v1");
        let folders = fs::read_dir(bucket).unwrap().flatten().filter(|entry| entry.path().is_dir());
        let folders = folders.filter(|entry| entry.file_name() != "generations");
        folders
            .flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten())
            .map(|entry| entry.path())
            .collect()
    }
}

fn seen(cache: &Cache, scope: &Scope, key: &str) -> Option<(i64, &'static str)> {
    let hit = cache.get(scope, &name(key), None, Span::test_data())?;
    Some((hit.value.as_int().unwrap(), hit.tier.name()))
}

#[test]
fn memory_answers_first_and_disk_answers_others() {
    let shop = Shop::new();
    assert_eq!(shop.get("k"), None);
    shop.put("k", 1, None);
    assert_eq!(shop.get("k"), Some((1, "memory")));
    let other = shop.other();
    assert_eq!(seen(&other, &shop.scope, "k"), Some((1, "disk")));
    assert_eq!(seen(&other, &shop.scope, "k"), Some((1, "memory")));
    // Whatever another process does is seen at once.
    other.put(&shop.scope, &name("k"), &Value::test_int(2), None).unwrap();
    assert_eq!(shop.get("k"), Some((2, "disk")));
    assert!(other.remove(&shop.scope, &name("k"),));
    assert!(!other.remove(&shop.scope, &name("k"),));
    assert_eq!(shop.get("k"), None);
    shop.put("k", 3, None);
    fs::remove_dir_all(shop.scope.directory.as_ref().unwrap()).unwrap();
    assert_eq!(shop.get("k"), None);
    shop.put("k", 4, None);
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), Some((4, "disk")), "a deleted folder is made anew");
}

#[test]
fn values_carry_the_span_of_who_asks() {
    let shop = Shop::new();
    let value = Value::test_record(nu_protocol::record! {
        "list" => Value::test_list(vec![Value::test_int(1), Value::test_nothing()]),
    });
    shop.cache.put(&shop.scope, &name("k"), &value, None).unwrap();
    let span = Span::new(3, 7);
    for cache in [&shop.cache, &shop.other()] {
        let value = cache.get(&shop.scope, &name("k"), None, span).unwrap().value;
        let list = value.get_data_by_key("list").unwrap();
        assert_eq!((value.span(), list.span(), list.as_list().unwrap()[1].span()), (span, span, span));
    }
}

#[test]
fn who_has_an_answer_may_change_it_and_nobody_sees_it() {
    let shop = Shop::new();
    let inner = Value::test_record(nu_protocol::record! { "n" => Value::test_int(1) });
    let value = Value::test_list(vec![inner.clone(), inner]);
    shop.cache.put(&shop.scope, &name("k"), &value, None).unwrap();
    let ask =
        |start| shop.cache.get(&shop.scope, &name("k"), None, Span::new(start, start + 1)).unwrap().value;
    let spans = |value: &Value| {
        let list = value.as_list().unwrap();
        (value.span().start, list[0].span().start, list[1].get_data_by_key("n").unwrap().span().start)
    };
    let (mut first, second) = (ask(1), ask(2));
    assert_eq!((spans(&first), spans(&second)), ((1, 1, 1), (2, 2, 2)), "both are held at once");
    let Value::List { vals, .. } = &mut first else { panic!("it is a list") };
    for row in vals.to_mut() {
        let Value::Record { val, .. } = row else { panic!("it is a record") };
        val.to_mut().push("more", Value::test_int(2));
    }
    drop(second);
    assert_eq!(ask(2), value);
    assert_eq!(value.as_list().unwrap()[0].as_record().unwrap().len(), 1, "what was put is the caller's own");
}

#[test]
fn ages_are_kept_when_a_value_comes_up_from_disk() {
    let shop = Shop::new();
    shop.put("k", 1, Some(100));
    shop.dial.forward(Duration::from_mins(1));
    let other = shop.other();
    assert_eq!(seen(&other, &shop.scope, "k"), Some((1, "disk")));
    shop.dial.forward(Duration::from_secs(39));
    let hit = other.get(&shop.scope, &name("k"), None, Span::test_data()).unwrap();
    assert_eq!((hit.tier, hit.ttl), (Tier::Memory, Some(Duration::from_secs(100))));
    assert!(
        hit.age >= Duration::from_millis(98_999) && hit.age <= Duration::from_millis(99_002),
        "{:?}",
        hit.age
    );
    let younger =
        |seconds| other.get(&shop.scope, &name("k"), Some(Duration::from_secs(seconds)), Span::test_data());
    assert!(younger(100).is_some() && younger(99).is_none());
    shop.dial.forward(Duration::from_secs(1));
    assert_eq!(seen(&other, &shop.scope, "k"), None);
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), None);
}

#[test]
fn clocks_that_jump_serve_nothing_past_its_time() {
    const YEARS: Duration = Duration::from_hours(24 * 3650);
    let shop = Shop::new();
    shop.put("k", 1, Some(100));
    shop.dial.set(|now| now + YEARS);
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), None, "ten years on");
    shop.dial.set(|now| now - YEARS - YEARS);
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), None, "from the future");
    shop.dial.set(|_| SystemTime::UNIX_EPOCH - Duration::from_secs(5));
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), None, "before 1970");
    // In memory the time of day is nothing.
    assert_eq!(shop.get("k"), Some((1, "memory")));
    shop.dial.forward(Duration::from_secs(100));
    assert_eq!(shop.get("k"), None);
}

#[test]
fn each_tier_can_be_switched_off() {
    let shop = Shop::new();
    let only_disk = Scope { memory_limit: 0, ..shop.scope.clone() };
    let only_memory = Scope { disk_limit: 0, ..shop.scope.clone() };
    let none = Scope { memory_limit: 0, disk_limit: 0, ..shop.scope.clone() };
    for (scope, tier) in [(&only_disk, Some("disk")), (&only_memory, Some("memory")), (&none, None)] {
        let cache = shop.other();
        cache.put(scope, &name("k"), &Value::test_int(1), None).unwrap();
        assert_eq!(seen(&cache, scope, "k").map(|(_, tier)| tier), tier);
        cache.clear(&shop.scope);
    }
    assert!(shop.other().take_warning().is_none());
}

#[test]
fn memory_is_bounded_and_gives_up_what_is_not_used() {
    let shop = Shop::new();
    let scope = Scope { memory_limit: 200_000, disk_limit: 0, ..shop.scope.clone() };
    for number in 0..1000 {
        let text = Value::test_string("x".repeat(1000));
        shop.cache.put(&scope, &name(&format!("k{number}")), &text, None).unwrap();
    }
    let [memory, _] = shop.cache.stats(&scope);
    assert!(memory.size <= 200_000 && memory.entries > 100, "{memory:?}");
    let large = Value::test_string("x".repeat(190_000));
    assert!(shop.cache.put(&scope, &name("large"), &large, None).unwrap());
    assert_eq!(shop.cache.get(&scope, &name("large"), None, Span::test_data()).unwrap().value, large);
    let huge = Value::test_string("x".repeat(300_000));
    shop.cache.put(&scope, &name("huge"), &huge, None).unwrap();
    assert!(shop.cache.get(&scope, &name("huge"), None, Span::test_data()).is_none());
}

#[test]
fn pruning_removes_what_it_said_and_nothing_else() {
    let shop = Shop::new();
    let directory = shop.scope.directory.clone().unwrap();
    for number in 0..20 {
        shop.put(&format!("k{number:02}"), number, (number < 5).then_some(10));
    }
    let foreign = directory.join("aws:us-east-1:s3.json.gz");
    fs::write(&foreign, "of other scripts").unwrap();
    fs::write(directory.join("v1").join("notes.txt"), "mine").unwrap();
    shop.dial.forward(Duration::from_secs(11));
    let told = shop.prune(&shop.scope, true);
    assert_eq!(shop.files().len(), 20);
    let done = shop.prune(&shop.scope, false);
    assert_eq!(told, done);
    assert_eq!(done.iter().filter(|entry| entry.expired).count(), 5);
    assert_eq!((done.len(), shop.files().len()), (5, 15));
    let size: u64 = shop.files().iter().map(|path| path.metadata().unwrap().len()).sum();
    let tight = Scope { disk_limit: size / 2, ..shop.scope.clone() };
    assert!(seen(&shop.other(), &shop.scope, "k05").is_some(), "used last, so it stays");
    let done = shop.prune(&tight, false);
    assert!(done.iter().all(|entry| !entry.expired) && !done.is_empty());
    let left: u64 = shop.files().iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(left <= size / 2, "{left} of {size}");
    assert!(seen(&shop.other(), &shop.scope, "k05").is_some());
    assert!(foreign.exists() && directory.join("v1/notes.txt").exists());
}

#[test]
fn lists_and_figures_are_those_of_both_tiers() {
    let shop = Shop::new();
    shop.put("a", 1, Some(60));
    shop.other().put(&shop.scope, &name("b"), &Value::test_int(2), None).unwrap();
    let told: Vec<(String, bool, bool)> = shop
        .cache
        .list(&shop.scope)
        .into_iter()
        .map(|listing| (listing.key, listing.in_memory, listing.on_disk))
        .collect();
    assert_eq!(told, [("a".into(), true, true), ("b".into(), false, true)]);
    shop.get("a");
    shop.get("b");
    shop.get("c");
    let [memory, disk] = shop.cache.stats(&shop.scope);
    assert_eq!((memory.entries, memory.hits, memory.misses), (2, 1, 2));
    assert_eq!((disk.entries, disk.hits, disk.misses), (2, 1, 1));
    assert_eq!(shop.cache.verify(&shop.scope), (2, 0));
    fs::write(&shop.files()[0], "damaged").unwrap();
    assert_eq!(shop.cache.verify(&shop.scope), (1, 1));
    assert_eq!(shop.cache.clear(&shop.scope), 1);
    assert_eq!((shop.get("a"), shop.get("b"), shop.files().len()), (None, None, 0));
}

#[test]
fn a_page_that_was_turned_is_turned_for_all() {
    let shop = Shop::new();
    let other = shop.other();
    let pages = |page: &str| {
        let pages = [page.to_owned()];
        (shop.cache.generation(&shop.scope, &pages), other.generation(&shop.scope, &pages))
    };
    let (here, there) = pages("sqs");
    assert!(here == there && here.settled);
    shop.cache.turn_page(&shop.scope, "sqs");
    let (turned, seen) = pages("sqs");
    assert!(turned.token != here.token && !turned.settled && !seen.settled);
    assert_eq!(turned.token, seen.token, "who turned it shares what is asked then with all others");
    assert_eq!(pages("sns").0.token, here.token, "other services stay");
    other.turn_page(&shop.scope, "sqs");
    assert_ne!(pages("sqs").0.token, turned.token);
    // The file is dated by the machine's own clock.
    shop.dial.forward(Duration::from_mins(1));
    let (later, seen) = pages("sqs");
    assert!(later.settled && seen.settled);
    // Without a disk the process has its own count.
    let alone = Scope { disk_limit: 0, ..shop.scope.clone() };
    let before = shop.cache.generation(&alone, &["sqs".into()]);
    shop.cache.turn_page(&alone, "sqs");
    assert_ne!(shop.cache.generation(&alone, &["sqs".into()]).token, before.token);
    // Whoever deletes the folder turns no page back.
    let (last, _) = pages("sqs");
    std::fs::remove_dir_all(shop.scope.directory.as_ref().unwrap()).unwrap();
    let (here, there) = pages("sqs");
    assert_eq!([here.token, there.token], [last.token.clone(), last.token]);
}

#[test]
fn who_keeps_nothing_on_disk_hears_and_tells_as_well() {
    let shop = Shop::new();
    let (memory, off) = (
        Scope { disk_limit: 0, ..shop.scope.clone() },
        Scope { memory_limit: 0, disk_limit: 0, ..shop.scope.clone() },
    );
    let (reader, writer) = (shop.other(), shop.other());
    let page = |cache: &Cache, scope| cache.generation(scope, &["sqs".into()]);
    writer.turn_page(&off, "sqs");
    assert!(!shop.scope.directory.as_ref().unwrap().exists(), "nobody keeps anything, and no folder is made");
    shop.put("k", 1, None);
    let (kept, remembered) = (page(&shop.cache, &shop.scope), page(&reader, &memory));
    writer.turn_page(&off, "sqs");
    let (turned, heard) = (page(&shop.cache, &shop.scope), page(&reader, &memory));
    assert!(turned.token != kept.token && heard.token != remembered.token && !heard.settled);
    // What others remove, a process without files can only take for everything.
    let everything = off.clone().reaching_all();
    assert_eq!(writer.forget(&everything, writer.list(&everything)).len(), 1);
    assert_eq!(page(&shop.cache, &shop.scope).token, turned.token);
    assert_ne!(page(&reader, &memory).token, heard.token);
    assert!(shop.files().is_empty());
    let cleared = page(&reader, &memory);
    shop.cache.clear(&shop.scope);
    assert_ne!(page(&reader, &memory).token, cleared.token);
}

#[test]
fn answers_are_apart_from_what_users_name() {
    let shop = Shop::new();
    let key = "default:eu-west-1:sns:ListTopics:empty-params";
    let answer = Name::of_answer(key.into(), &["key AKID", "place"]);
    let others = [
        name(key),
        Name::of_answer(key.into(), &["key OTHER", "place"]),
        Name::of_answer(key.into(), &["key AKIDplace", ""]),
        Name::of_answer(key.into(), &["key AKID", "place", ""]),
    ];
    shop.cache.put(&shop.scope, &answer, &Value::test_int(1), None).unwrap();
    for other in &others {
        assert_eq!(shop.cache.get(&shop.scope, other, None, Span::test_data()), None, "{other:?}");
    }
    assert!(shop.cache.list(&shop.scope)[0].kind == Kind::Answer);
}
