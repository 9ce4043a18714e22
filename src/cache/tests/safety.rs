//! Damage, strange keys, other users.

use super::*;

#[test]
fn a_damaged_file_is_a_miss_and_gone() {
    let shop = Shop::new();
    shop.put("k", 1, None);
    let whole = fs::read(&shop.files()[0]).unwrap();
    for place in 0..whole.len() {
        let path = shop.files()[0].clone();
        let mut damaged = whole.clone();
        damaged[place] ^= 0x55;
        fs::write(&path, &damaged).unwrap();
        let other = shop.other();
        assert_eq!(seen(&other, &shop.scope, "k"), None, "byte {place}");
        // The byte of the format may say that the file is of a later one, which is left alone.
        let [_, disk] = other.stats(&shop.scope);
        assert_eq!(
            (disk.corrupt, path.exists()),
            if place == 8 { (0, true) } else { (1, false) },
            "byte {place}"
        );
        fs::write(&path, &whole).unwrap();
    }
    // What a power cut may leave of a file.
    fs::write(&shop.files()[0], vec![0; whole.len()]).unwrap();
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), None, "all zeroes");
    shop.put("k", 1, None);
    for cut in 0..whole.len() {
        fs::write(&shop.files()[0], &whole[..cut]).unwrap();
        assert_eq!(seen(&shop.other(), &shop.scope, "k"), None, "cut at {cut}");
        shop.put("k", 1, None);
    }
}

#[test]
fn files_that_were_swapped_are_nobodys() {
    let shop = Shop::new();
    shop.put("a", 1, None);
    shop.put("b", 2, None);
    let files = shop.files();
    let contents: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    fs::write(&files[0], &contents[1]).unwrap();
    fs::write(&files[1], &contents[0]).unwrap();
    let other = shop.other();
    assert_eq!((seen(&other, &shop.scope, "a"), seen(&other, &shop.scope, "b")), (None, None));
    assert_eq!(other.stats(&shop.scope)[1].corrupt, 2);
}

#[test]
fn keys_lead_nowhere_but_into_the_folder() {
    let shop = Shop::new();
    let long = "x".repeat(MAX_KEY);
    let keys = ["../../escape", "/etc/passwd", "a\0b", "é", " ", &long, ".."];
    for (number, key) in keys.into_iter().enumerate() {
        shop.put(key, i64::try_from(number).unwrap(), None);
    }
    for (number, key) in keys.into_iter().enumerate() {
        assert_eq!(shop.get(key), Some((i64::try_from(number).unwrap(), "memory")));
    }
    let bucket = shop.scope.directory.as_ref().unwrap().join("v1");
    for file in shop.files() {
        let name = file.strip_prefix(&bucket).unwrap().display().to_string().replace('/', "");
        assert!(name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    }
    for key in ["", &"x".repeat(MAX_KEY + 1)] {
        assert_eq!(Name::chosen(key).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_reads_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    shop.put("k", 1, None);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let directory = shop.scope.directory.clone().unwrap();
    let file = shop.files()[0].clone();
    assert_eq!((mode(&directory), mode(&directory.join("v1"))), (0o700, 0o700));
    assert_eq!((mode(file.parent().unwrap()), mode(&file)), (0o700, 0o600));
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_could_have_written_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    for attack in ["group", "world", "symlink", "file", "inner symlink"] {
        let shop = Shop::new();
        let directory = shop.scope.directory.clone().unwrap();
        let elsewhere = directory.with_file_name("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        match attack {
            "symlink" => symlink(&elsewhere, &directory).unwrap(),
            "file" => fs::write(&directory, "x").unwrap(),
            "inner symlink" => {
                fs::create_dir(&directory).unwrap();
                fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
                symlink(&elsewhere, directory.join("v1")).unwrap();
            }
            _ => {
                fs::create_dir(&directory).unwrap();
                let mode = if attack == "group" { 0o770 } else { 0o707 };
                fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        shop.put("k", 1, None);
        assert_eq!(shop.get("k"), Some((1, "memory")), "{attack}");
        let warning = shop.cache.take_warning().unwrap();
        assert!(warning.contains(&directory.display().to_string()), "{attack}: {warning}");
        shop.put("other", 1, None);
        assert_eq!(shop.cache.take_warning(), None, "{attack}: told twice");
        assert_eq!(seen(&shop.other(), &shop.scope, "k"), None, "{attack}");
        assert!(fs::read_dir(elsewhere).unwrap().next().is_none(), "{attack}: something was written");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_of_another_user_is_not_used() {
    let mut shop = Shop::new();
    let directory = shop.scope.directory.clone().unwrap();
    fs::create_dir(&directory).unwrap();
    // Only root gives folders away; everybody else has root's before them.
    if std::os::unix::fs::chown(&directory, Some(12_345), None).is_err() {
        shop.scope.directory = Some("/".into());
    }
    shop.put("k", 1, None);
    assert_eq!(shop.get("k"), Some((1, "memory")));
    assert!(shop.cache.take_warning().unwrap().contains("belongs to another user"));
    assert_eq!(seen(&shop.other(), &shop.scope, "k"), None);
    assert!(fs::read_dir(&directory).unwrap().next().is_none(), "something was written");
}
