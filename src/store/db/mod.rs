//! SQLite itself: connections, migrations, statements by column names, and the locks of the data directory.

pub mod boot;
pub mod columns;
pub mod connect;
pub mod data_version;
pub mod file_identity;
pub mod foreign_wal;
pub mod id_list;
pub mod list;
pub mod lock_file;
pub mod migrate;
pub mod private;
pub mod probe;
pub mod sql_types;
pub mod statements;
pub mod sum_parts;
