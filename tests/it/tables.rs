//! Both databases end with the same tables, and give everything back.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use strata_store::{Db, Options, migrate};

use crate::database::{Postgres, sqlite};
use crate::place::repository;

/// The table in which Diesel remembers what ran.
const DIESEL: &str = "__diesel_schema_migrations";

/// A column and whether it may be empty, by table.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = sql_types::Text)]
    tab: String,
    #[diesel(sql_type = sql_types::Text)]
    col: String,
    #[diesel(sql_type = sql_types::Bool)]
    nullable: bool,
}

fn tables(columns: Vec<Column>) -> Tables {
    let mut tables = Tables::new();
    for column in columns.into_iter().filter(|column| column.tab != DIESEL) {
        tables.entry(column.tab).or_default().insert(column.col, column.nullable);
    }
    tables
}

fn of_sqlite(connection: &mut SqliteConnection) -> Tables {
    // A primary key of SQLite may be declared without NOT NULL; an INTEGER one is never empty all the same.
    let query = "SELECT m.name AS tab, c.name AS col, (c.\"notnull\" = 0 AND NOT (c.pk > 0 AND upper(c.type) = 'INTEGER')) AS nullable \
        FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    tables(sql_query(query).load(connection).unwrap())
}

fn of_postgres(connection: &mut PgConnection) -> Tables {
    let query = "SELECT table_name::text AS tab, column_name::text AS col, (is_nullable = 'YES') AS nullable \
        FROM information_schema.columns WHERE table_schema = 'public'";
    tables(sql_query(query).load(connection).unwrap())
}

fn migrated(url: &str) {
    let db = Db::open(url, &Options::default()).unwrap();
    assert!(!migrate::run(&db).unwrap().is_empty());
    assert_eq!(
        migrate::run(&db).unwrap(),
        Vec::<String>::new(),
        "a second run has nothing to do"
    );
}

fn migrations(name: &str) -> FileBasedMigrations {
    FileBasedMigrations::from_path(repository().join("migrations").join(name)).unwrap()
}

fn open_sqlite(folder: &Path) -> SqliteConnection {
    let url = sqlite(folder);
    SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap()
}

#[test]
fn sqlite_gives_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    migrated(&sqlite(folder.path()));
    let mut connection = open_sqlite(folder.path());
    assert!(of_sqlite(&mut connection).len() > 10);
    connection.revert_all_migrations(migrations("sqlite")).unwrap();
    assert_eq!(of_sqlite(&mut connection), Tables::new());
}

#[test]
fn both_databases_have_the_same_tables_and_postgres_gives_everything_back() {
    let Some(database) = Postgres::of("tables") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    migrated(&sqlite(folder.path()));
    migrated(&database.url());
    let lite = of_sqlite(&mut open_sqlite(folder.path()));
    let mut connection = PgConnection::establish(&database.url()).unwrap();
    let pg = of_postgres(&mut connection);
    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&lite), names(&pg));
    for (table, columns) in &lite {
        assert_eq!(columns, &pg[table], "{table}");
    }
    connection.revert_all_migrations(migrations("postgres")).unwrap();
    assert_eq!(of_postgres(&mut connection), Tables::new());
}

/// A newer program was here: a migration ran that nobody of ours knows.
fn a_newer_one_is_refused(url: &str, run: impl Fn(&str)) {
    migrated(url);
    let db = Db::open(url, &Options::default()).unwrap();
    run("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
    run("UPDATE store_note SET value = '7.8.9' WHERE name = 'program'");
    for refused in [migrate::check(&db).unwrap_err(), migrate::run(&db).unwrap_err()] {
        let said = refused.message;
        assert!(
            said.contains("99991231000000") && said.contains("install strata 7.8.9 or newer"),
            "{said}"
        );
    }
    // Without the note it is still refused.
    run("DELETE FROM store_note");
    assert!(migrate::check(&db).unwrap_err().message.contains("newer program"));
    run("DELETE FROM __diesel_schema_migrations WHERE version = '99991231000000'");
    migrate::check(&db).unwrap();
    run("DELETE FROM __diesel_schema_migrations WHERE version LIKE '2026%000030'");
    assert!(migrate::check(&db).unwrap_err().message.contains("strata migrate"));
}

#[test]
fn a_newer_sqlite_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    a_newer_one_is_refused(&sqlite(folder.path()), |statement| {
        sql_query(statement).execute(&mut open_sqlite(folder.path())).unwrap();
    });
}

#[test]
fn a_newer_postgres_is_refused() {
    let Some(database) = Postgres::of("newer") else {
        return;
    };
    a_newer_one_is_refused(&database.url(), |statement| {
        let mut conn = PgConnection::establish(&database.url()).unwrap();
        sql_query(statement).execute(&mut conn).unwrap();
    });
}

#[test]
fn servers_that_are_started_together_migrate_once() {
    let Some(database) = Postgres::of("together") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for url in [database.url(), sqlite(folder.path())] {
        let at_once = [0; 4].map(|_| {
            let url = url.clone();
            std::thread::spawn(move || migrate::run(&Db::open(&url, &Options::default()).unwrap()).unwrap().len())
        });
        let ran: Vec<usize> = at_once.map(|one| one.join().unwrap()).to_vec();
        assert_eq!(ran.iter().filter(|count| **count > 0).count(), 1, "{ran:?}");
    }
}
