//! Compiles the contracts with protox (no protoc) and embeds the raw descriptor set. The raw bytes
//! matter: a re-encoding by prost-types drops every option the contracts carry.
use std::{
    env, fs,
    path::{Path, PathBuf},
};

#[path = "src/rules.rs"]
#[allow(dead_code, unreachable_pub)]
mod rules;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../..");
    let (own, foreign) = (root.join("proto"), root.join("third_party/proto"));
    println!("cargo:rerun-if-changed={}", own.display());
    println!("cargo:rerun-if-changed={}", foreign.display());
    println!("cargo:rerun-if-changed=src/rules.rs");

    let mut files = Vec::new();
    collect(&own, &own, &mut files)?;
    files.sort();
    let compiled = |with_comments: bool| -> Result<protox::Compiler, protox::Error> {
        let mut compiler = protox::Compiler::new([&own, &foreign])?;
        compiler
            .include_imports(true)
            .include_source_info(with_comments)
            .open_files(&files)?;
        Ok(compiler)
    };
    let compiler = compiled(true)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    let bare = compiled(false)?.encode_file_descriptor_set();
    fs::write(out.join("bare.bin"), &bare)?;

    let pool = prost_reflect::DescriptorPool::decode(bare.as_slice())?;
    refuse_unruled(&pool)?;

    let mut config = prost_build::Config::new();
    config.extern_path(".buf.validate", "::prost_protovalidate_types");
    config.include_file("mod.rs");
    config.bytes(["."]);
    for message in pool.all_messages().filter(|m| is_ours(m.full_name()) && !m.is_map_entry()) {
        let name = message.full_name();
        config.type_attribute(name, "#[derive(::prost_reflect::ReflectMessage)]");
        config.type_attribute(
            name,
            format!("#[prost_reflect(message_name = \"{name}\", descriptor_pool = \"crate::POOL\")]"),
        );
    }
    tonic_prost_build::configure()
        .codec_path("crate::codec::ValidatingCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

fn is_ours(name: &str) -> bool {
    name.starts_with("strata.") || name.starts_with("google.type.")
}

/// A contract that does not say how it is called and protected is refused here, so that it can never be served.
fn refuse_unruled(pool: &prost_reflect::DescriptorPool) -> Result<(), Box<dyn std::error::Error>> {
    let faults = rules::faults(pool);
    if faults.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| format!("{} {}", fault.element, fault.text))
        .collect();
    Err(format!("the contracts do not say what they must:\n{}", lines.join("\n")).into())
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path.strip_prefix(root).unwrap_or(&path).to_owned());
        }
    }
    Ok(())
}
