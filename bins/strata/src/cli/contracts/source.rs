//! Where contracts are read from.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use prost_reflect::DescriptorPool;
use protox::file::{ChainFileResolver, DescriptorSetFileResolver, GoogleFileResolver, IncludeFileResolver};

use crate::error::Usage;

/// Descriptor set of the last release, as it was when this program was built.
const RELEASED: &[u8] = include_bytes!("../../../../../proto/released.binpb");

/// A set of contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Those that this program was built with.
    BuiltIn,
    /// Those of the last release.
    Released,
    /// A descriptor set, or a folder of protos.
    Path(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("name a descriptor set, a folder of protos, built-in or released".to_owned()),
            "built-in" => Ok(Self::BuiltIn),
            "released" => Ok(Self::Released),
            path => Ok(Self::Path(path.into())),
        }
    }
}

impl Source {
    /// Reads it.
    ///
    /// # Errors
    /// When there is nothing, or no contracts.
    pub(super) fn pool(&self) -> anyhow::Result<DescriptorPool> {
        match self {
            Self::BuiltIn => Ok(strata_contract::commented()),
            Self::Released => Ok(DescriptorPool::decode(RELEASED)?),
            Self::Path(path) if path.is_dir() => compile(path),
            Self::Path(path) => {
                let bytes = std::fs::read(path).map_err(|cause| Usage::error(format!("{}: {cause}", path.display())))?;
                let pool = DescriptorPool::decode(bytes.as_slice());
                pool.map_err(|cause| Usage::error(format!("{} is no descriptor set: {cause}", path.display())))
            }
        }
    }
}

/// Compiles every proto of a folder. What it imports and does not hold is taken from this program.
fn compile(folder: &Path) -> anyhow::Result<DescriptorPool> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files).with_context(|| format!("{} cannot be read", folder.display()))?;
    if files.is_empty() {
        return Err(Usage::error(format!("{} holds no .proto file", folder.display())));
    }
    files.sort();
    let mut resolver = ChainFileResolver::new();
    resolver.add(IncludeFileResolver::new(folder.to_owned()));
    resolver.add(GoogleFileResolver::new());
    resolver.add(DescriptorSetFileResolver::decode(strata_contract::DESCRIPTORS)?);
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true);
    for file in &files {
        compiler.open_file(file).map_err(|cause| Usage::error(format!("{cause:?}")))?;
    }
    Ok(DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice())?)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path.strip_prefix(root).unwrap_or(&path).to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_of_protos_says_what_the_program_was_built_with() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
        let pool = Source::Path(folder).pool().unwrap();
        assert_eq!(strata_catalog::diff(&pool, &strata_contract::POOL), []);
    }

    #[test]
    fn nothing_broke_since_the_release() {
        let released = Source::Released.pool().unwrap();
        let changes = strata_catalog::diff(&released, &strata_contract::POOL);
        let breaking = changes.iter().find(|change| change.class == strata_catalog::Class::Breaking);
        assert_eq!(breaking, None);
    }

    #[test]
    fn what_is_no_contract_is_refused() {
        assert!(Source::Path("no/such/file".into()).pool().is_err());
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(Source::Path(here.join("Cargo.toml")).pool().is_err());
        assert!(Source::Path(here.join("src")).pool().is_err());
        assert!("".parse::<Source>().is_err());
    }
}
