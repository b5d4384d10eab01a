//! Compiles validate.proto with protox, so that no protoc is needed.
use std::{env, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = "buf/validate/validate.proto";
    println!("cargo:rerun-if-changed=proto/{file}");
    let fds = PathBuf::from(env::var("OUT_DIR")?).join("file_descriptor_set.bin");
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files([file])?;
    std::fs::write(&fds, compiler.encode_file_descriptor_set())?;
    let mut config = prost_build::Config::new();
    config.skip_protoc_run();
    prost_reflect_build::Builder::new()
        .file_descriptor_set_path(&fds)
        .descriptor_pool("DESCRIPTOR_POOL")
        .compile_protos_with_config(config, &[file], &["proto"])?;
    Ok(())
}
