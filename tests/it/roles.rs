//! Each server is let in to write its own tables, and no others.

use std::collections::BTreeMap;

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types};
use strata::parts::{ROLES, TABLES};
use strata::{Role, allinone, split};
use strata_firm::books;
use strata_firm::calendar::Calendar;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director};
use strata_store::{Conn, Db, Options, Tables, migrate, of_database, roles};

use crate::database::Postgres;
use crate::place::{program, small_firm};

/// Hour at which the books are compared.
const EVENING: u32 = 20;

/// Users of one test, each a member of a role.
pub(crate) struct Users {
    database: Postgres,
    prefix: String,
}

impl Users {
    /// Migrates, makes the roles, and a user in each.
    pub(crate) fn of(test: &str) -> Option<Self> {
        let database = Postgres::of(test)?;
        let db = Db::open(&database.url(), &Options::default()).unwrap();
        migrate::run(&db).unwrap();
        roles::grant(&db, &ROLES).unwrap();
        let users = Self {
            database,
            prefix: format!("it_{test}_{}", std::process::id()),
        };
        for role in ROLES {
            let name = users.name(role.name);
            users.tell(&format!("CREATE ROLE {name} LOGIN PASSWORD 'it' IN ROLE {}", role.name));
        }
        Some(users)
    }

    fn name(&self, role: &str) -> String {
        format!("{}_{role}", self.prefix)
    }

    /// Where the owner is let in.
    pub(crate) fn owner(&self) -> String {
        self.database.url()
    }

    /// Where the user of a role is let in.
    pub(crate) fn url(&self, role: &str) -> String {
        let url = self.database.url();
        let (_, host) = url.rsplit_once('@').unwrap();
        format!("postgres://{}:it@{host}", self.name(role))
    }

    fn tell(&self, statement: &str) {
        let mut conn = PgConnection::establish(&self.owner()).unwrap();
        sql_query(statement).execute(&mut conn).unwrap();
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        for role in ROLES {
            self.tell(&format!("DROP ROLE {}", self.name(role.name)));
        }
    }
}

fn code_of(url: &str, statement: &str) -> Result<usize, String> {
    let mut conn = PgConnection::establish(url).unwrap();
    sql_query(statement).execute(&mut conn).map_err(|refused| refused.to_string())
}

#[test]
fn a_user_writes_what_its_role_may_and_nothing_else() {
    let Some(users) = Users::of("roles") else {
        return;
    };
    let (master, process, reader) = (
        users.url("strata_master"),
        users.url("strata_process"),
        users.url("strata_reader"),
    );
    let center = "INSERT INTO cost_center VALUES ('CC-1', 'US01')";
    let cursor = "INSERT INTO feed_cursor VALUES ('f', 'v')";
    let refused = |said: Result<usize, String>, table: &str| {
        let said = said.unwrap_err();
        assert!(said.contains("permission denied") && said.contains(table), "{said}");
    };
    assert_eq!(code_of(&master, center), Ok(1));
    assert_eq!(code_of(&process, cursor), Ok(1));
    refused(code_of(&process, center), "cost_center");
    refused(code_of(&process, "SELECT * FROM cost_center"), "cost_center");
    refused(code_of(&master, cursor), "feed_cursor");
    for statement in [center, cursor, "DELETE FROM posting", "UPDATE contract SET number = ''"] {
        refused(code_of(&reader, statement), "");
    }
    assert_eq!(code_of(&reader, "SELECT * FROM cost_center, feed_cursor"), Ok(1));
    for url in [&master, &process, &reader] {
        refused(code_of(url, "CREATE TABLE mine (x integer)"), "schema");
        refused(code_of(url, "INSERT INTO store_note VALUES ('restored', 'x')"), "store_note");
    }
}

#[test]
fn rights_are_checked_at_start() {
    let Some(users) = Users::of("rights") else {
        return;
    };
    let as_role = |role: &str| Db::open(&users.url(role), &Options::default()).unwrap();
    let owner = Db::open(&users.owner(), &Options::default()).unwrap();
    let writes = |role: &str| ROLES.iter().find(|known| known.name == role).unwrap().writes;
    let (master, process) = (writes("strata_master"), writes("strata_process"));
    assert_eq!(roles::check(&as_role("strata_master"), master).unwrap(), Vec::<String>::new());
    assert_eq!(
        roles::check(&as_role("strata_process"), process).unwrap(),
        Vec::<String>::new()
    );
    let refused = roles::check(&as_role("strata_master"), process).unwrap_err();
    assert!(refused.message.contains("--roles"), "{refused}");
    assert!(roles::check(&as_role("strata_reader"), master).is_err());
    let beyond = roles::check(&owner, process).unwrap().join("; ");
    assert!(beyond.contains("superuser") && beyond.contains("contract"), "{beyond}");
    // Whoever may not change tables can still see that nothing has to be changed.
    migrate::check(&as_role("strata_process")).unwrap();
    assert_eq!(migrate::run(&as_role("strata_process")).unwrap(), Vec::<String>::new());
    // A second time, and by two at once, comes to the same.
    let again = [0, 1].map(|_| {
        let db = owner.clone();
        std::thread::spawn(move || roles::grant(&db, &ROLES))
    });
    for granted in again {
        let granted = granted.join().unwrap();
        assert!(granted.as_ref().is_ok_and(|()| true) || granted.unwrap_err().internal.contains("concurrently"));
    }
    let as_user = users.url("strata_master");
    let refused = roles::grant(&Db::open(&as_user, &Options::default()).unwrap(), &ROLES).unwrap_err();
    assert!(refused.message.contains("--print-roles"), "{refused}");
}

#[test]
fn every_table_has_one_owner_and_stands_behind_what_it_refers_to() {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for tables in TABLES {
        for table in Tables::all(&tables) {
            assert_eq!(owners.insert(table, tables.owner), None, "{table} has two owners");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&crate::database::sqlite(folder.path()), &Options::default()).unwrap();
    migrate::run(&db).unwrap();
    let there = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(db.read(of_database))
        .unwrap();
    assert_eq!(there, owners.keys().copied().collect::<Vec<_>>());

    #[derive(QueryableByName)]
    struct Reference {
        #[diesel(sql_type = sql_types::Text)]
        from: String,
        #[diesel(sql_type = sql_types::Text)]
        to: String,
    }
    let query = "SELECT m.name AS \"from\", f.\"table\" AS \"to\" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
    let references = tokio::runtime::Runtime::new().unwrap().block_on(db.read(move |c| match c {
        Conn::Lite(c) => sql_query(query).load::<Reference>(*c).map_err(strata_store::db_error),
        Conn::Pg(_) => unreachable!(),
    }));
    let order: Vec<&str> = TABLES.iter().flat_map(Tables::all).collect();
    let place = |name: &str| order.iter().position(|table| *table == name).unwrap();
    let references = references.unwrap();
    assert!(references.len() > 10);
    for Reference { from, to } in references {
        assert!(place(&to) <= place(&from), "{from} refers to {to}, which stands behind it");
    }
}

/// The year of the small firm, each server let in as the user of its role.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_lived_with_a_user_for_each_server() {
    let Some(users) = Users::of("year_of_users") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let firm = Firm::load(&small_firm()).unwrap();
    let start = Calendar::of(&firm).first().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let options = allinone::Options {
        folder: folder.path().to_owned(),
        store: users.owner(),
        bus: "inproc".to_owned(),
        start,
        listen: "127.0.0.1:0".parse().unwrap(),
        process_servers: 2,
    };
    let own = [
        (Role::Master, users.url("strata_master")),
        (Role::Process, users.url("strata_process")),
    ];
    let split = split::start_as(&options, Some(program()), &own).await.unwrap();
    let stage = split.installation.stage().unwrap();
    let journal = folder.path().join("director");
    let mut director = Director::new(&firm, &stage, &journal, director::Options::default()).unwrap();
    let lived = director.live(|_| {}).await.unwrap();
    assert_eq!(lived.payments_refused, []);
    stage.set_clock(director.calendar().last(), EVENING).await.unwrap();
    let report = books::check(&firm, &stage, &journal).await.unwrap();
    for difference in &report.differences {
        println!("{difference:?}");
    }
    assert!(report.agrees() && report.checks["documents"].agreeing > 0);
    split.stop().await.unwrap();
}
