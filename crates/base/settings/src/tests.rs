#![allow(clippy::unwrap_used)]

use std::io::Write;

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    server: Server,
    #[serde(default)]
    vendors: Vec<Vendor>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Server {
    listen: String,
    #[serde(default)]
    max_streams: u32,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    mode: Mode,
    token: Option<Secret>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    #[default]
    Production,
    Development,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vendor {
    name: String,
    calls_per_minute: u32,
}

impl Section for Server {
    const NAME: &'static str = "server";

    fn check(&self) -> Result<(), Fault> {
        if self.max_streams > 1000 {
            return Err(Fault::new("max_streams", "is at most 1000"));
        }
        Ok(())
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn read(text: &str, env: &[(&str, &str)], overrides: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let file = file(text);
    load_checked(
        Some(file.path()),
        pairs(env).into_iter(),
        &pairs(overrides),
        |s: &Settings| check_section(&s.server),
    )
}

fn line(error: &SettingsError) -> usize {
    match &error.place {
        Place::Line(_, line) => *line,
        other => panic!("no line but {other:?}: {error}"),
    }
}

#[test]
fn later_layers_overrule_earlier_ones() {
    let text = "[server]\nlisten = \"from file\"\nmax_streams = 1\norigins = [\"https://file\"]\n";
    let env = [
        ("STRATA__SERVER__LISTEN", "from environment"),
        ("STRATA__SERVER__MAX_STREAMS", "2"),
        ("STRATA__SERVER__ORIGINS", "[\"https://a\", \"https://b\"]"),
        ("STRATA_TEST_POSTGRES", "is none of ours"),
        ("HOME", "neither is this"),
    ];
    let settings = read(text, &env, &[("server.max_streams", "3"), ("server.mode", "development")]).unwrap();
    assert_eq!(settings.server.listen, "from environment");
    assert_eq!(settings.server.max_streams, 3);
    assert_eq!(settings.server.origins, ["https://a", "https://b"]);
    assert_eq!(settings.server.mode, Mode::Development);
    assert_eq!(read(text, &[], &[]).unwrap().server.origins, ["https://file"]);
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let error = read("# our server\n[server]\nlisten = \"a\"\n\nlisten_on = \"b\"\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.listen_on", 5));
    assert!(error.message.contains("is not known; known: `listen`"), "{error}");

    let error = read("[server]\nlisten = \"a\"\n\n[sever]\nlisten = \"b\"\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("sever", 4));
}

#[test]
fn a_wrong_type_is_refused_with_its_line() {
    let error = read("[server]\nlisten = \"a\"\nmax_streams = \"many\"\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.max_streams", 3));
    assert!(error.message.contains("\"many\""), "{error}");

    let error = read("[server]\nlisten = \"a\"\nmode = \"test\"\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.mode", 3));
}

#[test]
fn items_of_a_list_are_told_apart() {
    let text = "[server]\nlisten = \"a\"\n[[vendors]]\nname = \"x\"\ncalls_per_minute = 1\n[[vendors]]\nname = \"y\"\ncalls_per_minute = -1\n";
    let error = read(text, &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("vendors[1].calls_per_minute", 8));
    let settings = read(&text.replace("-1", "7"), &[], &[]).unwrap();
    assert_eq!(
        (settings.vendors[1].name.as_str(), settings.vendors[1].calls_per_minute),
        ("y", 7)
    );
}

#[test]
fn a_missing_key_is_reported_at_its_section() {
    let error = read("\n[server]\nmax_streams = 1\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.listen", 2));
    let error = read("", &[], &[]).unwrap_err();
    assert_eq!(error.key, "server");
    assert!(matches!(error.place, Place::File(_)), "{error}");
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line() {
    let error = read("[server]\nlisten = \"a\"\nmax_streams = = 1\n", &[], &[]).unwrap_err();
    assert_eq!(line(&error), 3);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let error = load::<Settings>(Some(Path::new("/nowhere/strata.toml")), std::iter::empty(), &[]).unwrap_err();
    assert_eq!(error.place, Place::File("/nowhere/strata.toml".into()));
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    let text = "[server]\nlisten = \"a\"\nmax_streams = 1\n";
    let error = read(text, &[("STRATA__SERVER__MAX_STREAMS", "many")], &[]).unwrap_err();
    assert_eq!(error.place, Place::Variable("STRATA__SERVER__MAX_STREAMS".into()));
    let error = read(text, &[("STRATA__SERVER__MAX_STREEMS", "1")], &[]).unwrap_err();
    assert_eq!(error.place, Place::Variable("STRATA__SERVER__MAX_STREEMS".into()));
    assert_eq!(error.key, "server.max_streems");
    let error = read(text, &[], &[("server.max_streams", "many")]).unwrap_err();
    assert_eq!(error.place, Place::Override);
}

#[test]
fn a_value_that_makes_no_sense_is_refused_where_it_was_written() {
    let error = read("[server]\nlisten = \"a\"\nmax_streams = 1001\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.max_streams", 3));
    assert_eq!(error.message, "is at most 1000");
}

#[test]
fn a_secret_is_a_reference_and_never_shows() {
    let kept = file("hunter2\n");
    let text = format!("[server]\nlisten = \"a\"\ntoken = \"file:{}\"\n", kept.path().display());
    let settings = read(&text, &[], &[]).unwrap();
    assert_eq!(settings.server.token.as_ref().unwrap().reveal(), "hunter2");
    assert!(!format!("{settings:?}").contains("hunter2"));

    let text = "[server]\nlisten = \"a\"\ntoken = \"env:TOKEN\"\n";
    let settings = read(text, &[("TOKEN", "hunter3")], &[]).unwrap();
    assert_eq!(settings.server.token.unwrap(), Secret::new("hunter3"));
    let error = read(text, &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.token", 3));

    let error = read("[server]\nlisten = \"a\"\ntoken = \"hunter2\"\n", &[], &[]).unwrap_err();
    assert_eq!((error.key.as_str(), line(&error)), ("server.token", 3));
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
