//! Compiles the contracts with protox (no protoc) and embeds the raw descriptor set. The raw bytes
//! matter: a re-encoding by prost-types drops every option the contracts carry.
use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../..");
    let (own, foreign) = (root.join("proto"), root.join("third_party/proto"));
    println!("cargo:rerun-if-changed={}", own.display());
    println!("cargo:rerun-if-changed={}", foreign.display());

    let mut files = Vec::new();
    collect(&own, &own, &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new([&own, &foreign])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let raw = compiler.encode_file_descriptor_set();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), &raw)?;

    let pool = prost_reflect::DescriptorPool::decode(raw.as_slice())?;
    refuse_unruled_methods(&pool)?;

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

/// A method without scope or idempotency is refused here, so that it can never be served.
fn refuse_unruled_methods(pool: &prost_reflect::DescriptorPool) -> Result<(), Box<dyn std::error::Error>> {
    let policy = pool
        .get_extension_by_name("strata.options.v1.method")
        .ok_or("options.proto lacks `method`")?;
    for service in pool.services().filter(|s| s.full_name().starts_with("strata.")) {
        for method in service.methods() {
            let options = method.options();
            let said = options.get_extension(&policy);
            let said = said.as_message().ok_or("MethodPolicy is a message")?;
            let scope = said
                .get_field_by_name("scope")
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default();
            let idempotency = said
                .get_field_by_name("idempotency")
                .and_then(|v| v.as_enum_number())
                .unwrap_or(0);
            if scope.is_empty() || idempotency == 0 {
                return Err(format!(
                    "{} says no scope or no idempotency (strata.options.v1.method)",
                    method.full_name()
                )
                .into());
            }
        }
    }
    Ok(())
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
