//! The sandbox over HTTP, as an adapter and as people use it.
#![allow(clippy::unwrap_used)]

mod desk;

mod api;
mod expenses;
mod feed;
mod invoices;
mod lists;
mod people;
mod references;
mod safety;
mod sheets;
mod time;
