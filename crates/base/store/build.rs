//! The migrations are part of the library: a new folder makes it anew.

fn main() {
    println!("cargo:rerun-if-changed=../../../migrations");
}
