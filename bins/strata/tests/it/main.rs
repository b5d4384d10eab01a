//! The program as its users run it, and installations as tests use them.

mod cli;
mod encrypted;
mod installations;
mod program;
