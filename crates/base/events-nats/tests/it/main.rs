//! What a bus promises, proven on every bus and database: in process on SQLite and on PostgreSQL, through JetStream on both.

#![allow(clippy::unwrap_used)]

mod bed;
mod cases;
mod probe;
mod server;

/// Every case on one bus and database. A server that is not there skips them, and says so.
mod in_process_on_sqlite {
    use crate::bed::{Bed, Bus::InProcess, Database::Sqlite};
    use crate::cases::*;

    async fn bed() -> Option<Bed> {
        Bed::new(InProcess, Sqlite).await
    }

    include!("every_case.rs");
}

mod in_process_on_postgres {
    use crate::bed::{Bed, Bus::InProcess, Database::Postgres};
    use crate::cases::*;

    async fn bed() -> Option<Bed> {
        Bed::new(InProcess, Postgres).await
    }

    include!("every_case.rs");
}

mod on_jetstream_and_sqlite {
    use crate::bed::{Bed, Bus::JetStream, Database::Sqlite};
    use crate::cases::*;

    async fn bed() -> Option<Bed> {
        Bed::new(JetStream, Sqlite).await
    }

    include!("every_case.rs");
}

mod on_jetstream_and_postgres {
    use crate::bed::{Bed, Bus::JetStream, Database::Postgres};
    use crate::cases::*;

    async fn bed() -> Option<Bed> {
        Bed::new(JetStream, Postgres).await
    }

    include!("every_case.rs");
}
